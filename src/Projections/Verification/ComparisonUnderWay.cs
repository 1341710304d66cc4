using System.Text.Json;
using Npgsql;
using Projections.Catalog;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Verification;

/// <summary>How far a comparison of two versions has come, as the catalog keeps it for whoever goes on when its process has died.</summary>
/// <param name="At">When its first snapshot was taken, in UTC.</param>
/// <param name="Since">The position of its first snapshot, or <c>null</c> when another program writes one of the versions.</param>
/// <param name="Through">The last key that was compared, or <c>null</c>: none yet.</param>
/// <param name="Result">What was found so far.</param>
internal sealed record ComparisonUnderWay(DateTime At, EventPosition? Since, string[]? Through, ComparisonResult Result)
{
    /// <summary>What is left for longer is begun anew: whoever asks then does not mean that one.</summary>
    private static readonly TimeSpan GoesOnWithin = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The comparison of two versions that was broken off a short time ago, of the tables as they are now: neither built anew nor repaired since.
    /// </summary>
    /// <returns>How far it had come, or <c>null</c> when there is none.</returns>
    public static async Task<ComparisonUnderWay?> FindAsync(NpgsqlConnection connection, ComparedVersions versions, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            """
            select c.at, c.position_major, c.position_minor, c.compared_through, c.result::text
            from projections.comparison c
            join projections.version e on e.projection = c.projection and e.number = c.earlier
            join projections.version l on l.projection = c.projection and l.number = c.later
            where c.projection = $1 and c.earlier = $2 and c.later = $3 and c.saved_at > clock_timestamp() - $4::interval
              and c.earlier_manifest is not distinct from e.manifest and c.later_manifest is not distinct from l.manifest
              and c.at >= coalesce(e.started_at, c.at) and c.at >= coalesce(l.started_at, c.at)
              and not exists (
                  select from projections.repair r
                  where r.projection = c.projection and r.number in (c.earlier, c.later) and coalesce(r.ended_at, r.requested_at) >= c.at)
            """,
            row => new ComparisonUnderWay(
                row.GetDateTime(0),
                row.GetPosition(1),
                row.GetFieldValue<string[]>(3),
                JsonSerializer.Deserialize<ComparisonResult>(row.GetString(4), JsonSerializerOptions.Web)!),
            cancellationToken,
            versions.Projection.Value,
            versions.Earlier.Id.Number,
            versions.Later.Id.Number,
            GoesOnWithin)).SingleOrDefault();

    public Task SaveAsync(NpgsqlConnection connection, ComparedVersions versions, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            insert into projections.comparison
                (projection, earlier, later, earlier_manifest, later_manifest, at, position_major, position_minor, compared_through, result)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb)
            on conflict (projection, earlier, later) do update set
                earlier_manifest = excluded.earlier_manifest, later_manifest = excluded.later_manifest, at = excluded.at,
                position_major = excluded.position_major, position_minor = excluded.position_minor,
                compared_through = excluded.compared_through, result = excluded.result, saved_at = excluded.saved_at
            """,
            cancellationToken,
            versions.Projection.Value,
            versions.Earlier.Id.Number,
            versions.Later.Id.Number,
            versions.Earlier.Manifest,
            versions.Later.Manifest,
            At,
            Since!.Value.Major,
            Since.Value.Minor,
            Through!,
            JsonSerializer.Serialize(Result, JsonSerializerOptions.Web));

    public static Task ForgetAsync(NpgsqlConnection connection, ComparedVersions versions, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "delete from projections.comparison where projection = $1 and earlier = $2 and later = $3",
            cancellationToken,
            versions.Projection.Value,
            versions.Earlier.Id.Number,
            versions.Later.Id.Number);
}
