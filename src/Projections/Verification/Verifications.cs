using System.Text.Json;
using Npgsql;
using Projections.Catalog;
using Projections.Postgres;

namespace Projections.Verification;

/// <summary>The catalog's record of comparisons.</summary>
internal static class Verifications
{
    public static Task AddAsync(
        NpgsqlConnection connection, VerificationReport report, VersionSnapshot earlier, VersionSnapshot later, DateTime at, Actor actor, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            insert into projections.verification
                (projection, earlier, later, earlier_manifest, later_manifest, position_major, position_minor, agrees, report, took_ms, who, why, at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $13)
            """,
            cancellationToken,
            report.Projection.Value,
            report.Earlier,
            report.Later,
            earlier.Manifest,
            later.Manifest,
            report.Position?.Major,
            report.Position?.Minor,
            report.Result.Agrees,
            JsonSerializer.Serialize(report.Result, JsonSerializerOptions.Web),
            (long)report.Took.TotalMilliseconds,
            actor.Who,
            actor.Why,
            at);

    /// <summary>
    /// How the last comparison of two versions came out, of the tables as they are now: built since then anew, or by other
    /// handlers, they are not the ones that were compared.
    /// </summary>
    /// <returns>How it came out, or <c>null</c> when these tables were never compared.</returns>
    public static async Task<LastVerification?> FindLastAsync(
        NpgsqlConnection connection, VersionSnapshot one, VersionSnapshot other, CancellationToken cancellationToken)
    {
        var (earlier, later) = one.Id.Number < other.Id.Number ? (one, other) : (other, one);
        var found = await connection.QueryAsync(
            """
            select c.id, c.agrees, c.at, clock_timestamp() - c.at
            from projections.verification c
            join projections.version e on e.projection = c.projection and e.number = c.earlier
            join projections.version l on l.projection = c.projection and l.number = c.later
            where c.projection = $1 and c.earlier = $2 and c.later = $3
              and c.earlier_manifest is not distinct from e.manifest and c.later_manifest is not distinct from l.manifest
              and c.at >= coalesce(e.started_at, c.at) and c.at >= coalesce(l.started_at, c.at)
            order by c.id desc
            limit 1
            """,
            row => new LastVerification(row.GetInt64(0), row.GetBoolean(1), row.GetDateTime(2), row.GetTimeSpan(3)),
            cancellationToken,
            earlier.Id.Projection.Value,
            earlier.Id.Number,
            later.Id.Number);
        return found.SingleOrDefault();
    }

    /// <summary>What a comparison found, with its samples.</summary>
    public static async Task<ComparisonResult> ReadResultAsync(NpgsqlConnection connection, long id, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<ComparisonResult>(
            (await connection.ScalarAsync<string>("select report::text from projections.verification where id = $1", cancellationToken, id))!, JsonSerializerOptions.Web)!;
}
