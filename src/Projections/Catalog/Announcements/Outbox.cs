using System.Text.Json;
using Npgsql;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Telemetry;

namespace Projections.Catalog.Announcements;

/// <summary>The announcements that nobody has passed on yet.</summary>
/// <param name="database">The database's name, where the process serves several.</param>
internal sealed class Outbox(string? database = null) : IOutbox<Announcement>
{
    private const string NewAnnouncement = "projections_announcements";

    public string Name => "announcements";

    /// <summary>This one spells "anno".</summary>
    public long Lock => 0x616E6E6F;

    public string Channel => NewAnnouncement;

    /// <summary>Announces something in the transaction that is open on <paramref name="connection"/>: only what is committed is told.</summary>
    public static async Task AddAsync(
        NpgsqlConnection connection, AnnouncementKind kind, VersionId version, Actor actor, AnnouncementDetails details, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync(
            """
            with added as (
                insert into projections.announcement (kind, projection, version, who, why, details)
                values ($1, $2, $3, $4, $5, $6::jsonb)
                returning 1)
            select pg_notify($7, '') from added
            """,
            cancellationToken,
            kind.ToString(), version.Projection.Value, version.Number, actor.Who, actor.Why,
            JsonSerializer.Serialize(details, AnnouncementJson.Default.AnnouncementDetails), NewAnnouncement);

    public async Task<IReadOnlyList<Announcement>> ReadAsync(NpgsqlConnection connection, int limit, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "select number, id, kind, projection, version, who, why, details::text, at from projections.announcement order by number limit $1",
            row => new Announcement(
                row.GetInt64(0),
                row.GetGuid(1),
                Enum.Parse<AnnouncementKind>(row.GetString(2)),
                new VersionId(new ProjectionName(row.GetString(3)), row.GetInt32(4)),
                new Actor(row.GetString(5), row.GetNullable<string>(6)),
                JsonSerializer.Deserialize(row.GetString(7), AnnouncementJson.Default.AnnouncementDetails)!,
                row.GetDateTime(8)),
            cancellationToken,
            limit);

    /// <summary>Counts what waits to be passed on.</summary>
    public static Task<long> CountAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<long>("select count(*) from projections.announcement", cancellationToken);

    public async Task PassedOnAsync(NpgsqlConnection connection, Announcement item, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("delete from projections.announcement where number = $1", cancellationToken, item.Number);
        Instruments.Announcements.Add(1, Instruments.Of(database, [new("kind", item.Kind.ToString())]));
    }

    /// <summary>Strikes what nobody has passed on in all that time: there is no bus, and the table must not grow for ever.</summary>
    public static Task ForgetAsync(NpgsqlConnection connection, TimeSpan olderThan, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("delete from projections.announcement where at < clock_timestamp() - $1::interval", cancellationToken, olderThan);
}
