using System.Text.Json;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Verification;

/// <summary>A repair that somebody asked for.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Keys">The keys of the rows, a part a column.</param>
internal sealed record RepairRequest(long Id, IReadOnlyList<string[]> Keys);

/// <summary>What has come of a repair.</summary>
/// <param name="IsOver">Whether it has ended, one way or the other.</param>
/// <param name="Before">How many of the rows the table had.</param>
/// <param name="After">How many it has now.</param>
/// <param name="Failure">Why it failed, or <c>null</c>.</param>
internal sealed record RepairState(bool IsOver, int Before, int After, string? Failure);

/// <summary>The catalog's list of repairs.</summary>
internal static class Repairs
{
    public static async Task<long> AddAsync(
        NpgsqlConnection connection, VersionId version, IReadOnlyList<string[]> keys, Actor actor, CancellationToken cancellationToken) =>
        await connection.ScalarAsync<long>(
            "insert into projections.repair (projection, number, keys, who, why) values ($1, $2, $3::jsonb, $4, $5) returning id",
            cancellationToken,
            version.Projection.Value,
            version.Number,
            JsonSerializer.Serialize(keys),
            actor.Who,
            actor.Why);

    public static async Task<IReadOnlyList<RepairRequest>> ReadWaitingAsync(
        NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "select id, keys::text from projections.repair where projection = $1 and number = $2 and status = 'waiting' order by id",
            row => new RepairRequest(row.GetInt64(0), JsonSerializer.Deserialize<string[][]>(row.GetString(1))!),
            cancellationToken,
            version.Projection.Value,
            version.Number);

    public static async Task<IReadOnlyList<RepairState>> ReadAsync(NpgsqlConnection connection, long[] ids, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "select status <> 'waiting', coalesce(rows_before, 0), coalesce(rows_after, 0), failure from projections.repair where id = any ($1)",
            row => new RepairState(row.GetBoolean(0), row.GetInt32(1), row.GetInt32(2), row.GetNullable<string>(3)),
            cancellationToken,
            ids);

    public static Task<int> EndAsync(NpgsqlConnection connection, long id, int before, int after, string? failure, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            update projections.repair
            set status = case when $4::text is null then 'done' else 'failed' end, rows_before = $2, rows_after = $3, failure = $4, ended_at = clock_timestamp()
            where id = $1 and status = 'waiting'
            """,
            cancellationToken,
            id,
            before,
            after,
            failure);
}
