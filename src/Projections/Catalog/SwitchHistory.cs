using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>A switch that took place.</summary>
/// <param name="AskedBy">Who had asked for it before, where it took two people.</param>
/// <param name="Wait">For how long readers may have queued behind it; <c>null</c> where nobody measured it.</param>
internal sealed record SwitchRecord(
    long Generation, int? From, int To, EventPosition? Position, string Manner, int Attempts, Actor Actor, string? AskedBy, DateTime At, TimeSpan? Wait);

/// <summary>All switches of a projection.</summary>
internal static class SwitchHistory
{
    /// <summary>Reads the switches, newest first.</summary>
    public static async Task<IReadOnlyList<SwitchRecord>> ReadAsync(
        ProjectionCatalog catalog, ProjectionName projection, CancellationToken cancellationToken)
    {
        await using var connection = await catalog.ReadModels.OpenConnectionAsync(cancellationToken);
        return await ReadAsync(connection, projection, int.MaxValue, cancellationToken);
    }

    /// <summary>Reads the latest switches, newest first.</summary>
    public static async Task<IReadOnlyList<SwitchRecord>> ReadAsync(NpgsqlConnection connection, ProjectionName projection, int limit, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            select generation, from_version, to_version, position_major, position_minor, manner, attempts, who, why, asked_by, at, wait_ms
            from projections.switch where projection = $1 order by generation desc limit $2
            """,
            row => new SwitchRecord(
                row.GetInt64(0),
                row.GetNullableValue<int>(1),
                row.GetInt32(2),
                row.GetPosition(3),
                row.GetString(5),
                row.GetInt32(6),
                new Actor(row.GetString(7), row.GetNullable<string>(8)),
                row.GetNullable<string>(9),
                row.GetDateTime(10),
                row.GetNullableValue<double>(11) is { } wait ? TimeSpan.FromMilliseconds(wait) : null),
            cancellationToken,
            projection.Value,
            limit);
}
