using System.Text.Json;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Checks;

/// <summary>The verdicts of all checks, kept for <see cref="Kept"/>.</summary>
internal static class CheckHistory
{
    /// <summary>How long verdicts are kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private const string Columns =
        "c.projection, c.number, c.verdict, c.findings::text, c.state, c.position_major, c.position_minor, c.events_done, c.lag_events, c.lag_seconds, c.moved_at, c.actions, c.at";

    /// <summary>The newest verdict of every version that is not retired.</summary>
    public static async Task<IReadOnlyList<CheckRecord>> ReadLatestAsync(ProjectionCatalog catalog, CancellationToken cancellationToken)
    {
        await using var connection = await catalog.ReadModels.OpenConnectionAsync(cancellationToken);
        return await ReadLatestAsync(connection, null, cancellationToken);
    }

    /// <summary>A projection's verdicts, newest first.</summary>
    public static async Task<IReadOnlyList<CheckRecord>> ReadAsync(
        ProjectionCatalog catalog, ProjectionName projection, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await catalog.ReadModels.OpenConnectionAsync(cancellationToken);
        return await connection.QueryAsync(
            $"select {Columns} from projections.catch_up_check c where c.projection = $1 order by c.id desc limit $2", Read, cancellationToken, projection.Value, limit);
    }

    internal static async Task<IReadOnlyList<CheckRecord>> ReadLatestAsync(
        NpgsqlConnection connection, ProjectionName? projection, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            $"""
            select {Columns}
            from projections.version v
            cross join lateral (
                select * from projections.catch_up_check
                where projection = v.projection and number = v.number
                order by id desc limit 1) c
            where v.state <> 'retired' and ($1::text is null or v.projection = $1)
            order by v.projection, v.number
            """,
            Read,
            cancellationToken,
            projection?.Value);

    /// <summary>A version's newest verdicts, newest first.</summary>
    internal static async Task<IReadOnlyList<CheckRecord>> ReadAsync(
        NpgsqlConnection connection, VersionId version, int limit, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            $"select {Columns} from projections.catch_up_check c where c.projection = $1 and c.number = $2 order by c.id desc limit $3",
            Read, cancellationToken, version.Projection.Value, version.Number, limit);

    /// <returns>The row's id, to which what was done about it is added.</returns>
    internal static Task<long> AddAsync(NpgsqlConnection connection, CheckRecord record, CancellationToken cancellationToken) =>
        connection.ScalarAsync<long>(
            """
            insert into projections.catch_up_check
                (projection, number, verdict, findings, state, position_major, position_minor, events_done, lag_events, lag_seconds, moved_at, at)
            values ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9, $10, $11, $12)
            returning id
            """,
            cancellationToken,
            record.Version.Projection.Value, record.Version.Number, record.Verdict.Text(),
            JsonSerializer.Serialize(record.Findings, FindingJson.Default.IReadOnlyListFinding), record.State.Text(),
            record.Position?.Major, record.Position?.Minor, record.EventsDone, record.LagEvents, record.LagSeconds, record.MovedAt, record.At);

    internal static Task AddActionAsync(NpgsqlConnection connection, long id, string action, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("update projections.catch_up_check set actions = actions || $2 where id = $1", cancellationToken, id, action);

    internal static Task ForgetAsync(NpgsqlConnection connection, DateTime before, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("delete from projections.catch_up_check where at < $1", cancellationToken, before);

    private static CheckRecord Read(NpgsqlDataReader row) => new()
    {
        Version = new VersionId(new ProjectionName(row.GetString(0)), row.GetInt32(1)),
        Verdict = Verdicts.Parse(row.GetString(2)),
        Findings = JsonSerializer.Deserialize(row.GetString(3), FindingJson.Default.IReadOnlyListFinding)!,
        State = VersionStates.Parse(row.GetString(4)),
        Position = row.GetPosition(5),
        EventsDone = row.GetInt64(7),
        LagEvents = row.GetNullableValue<long>(8),
        LagSeconds = row.GetNullableValue<double>(9),
        MovedAt = row.GetDateTime(10),
        Actions = row.GetFieldValue<string[]>(11),
        At = row.GetDateTime(12),
    };
}
