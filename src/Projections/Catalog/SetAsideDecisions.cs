using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>
/// Events that somebody decided to set aside although their version stops at such: each becomes a dead letter when the version comes to
/// it again.
/// </summary>
internal static class SetAsideDecisions
{
    /// <param name="connection">Where the transaction is open that lets the version go on.</param>
    /// <param name="version">The version, as it stopped.</param>
    /// <param name="position">The event that it stopped at.</param>
    /// <param name="actor">Who decided it, and why.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static Task AddAsync(NpgsqlConnection connection, VersionSnapshot version, EventPosition position, Actor actor, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            insert into projections.set_aside (projection, number, position_major, position_minor, error, who, why)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict do nothing
            """,
            cancellationToken,
            version.Id.Projection.Value, version.Id.Number, position.Major, position.Minor, version.Failure, actor.Who, actor.Why);

    /// <summary>The numbers of the versions for which that was decided of an event.</summary>
    public static async Task<IReadOnlySet<int>> VersionsOfAsync(
        NpgsqlConnection connection, ProjectionName projection, EventPosition position, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            "select number from projections.set_aside where projection = $1 and position_major = $2 and position_minor = $3",
            row => row.GetInt32(0),
            cancellationToken,
            projection.Value,
            position.Major,
            position.Minor)).ToHashSet();

    /// <summary>The positions that were decided of for a version, each with why it had stopped there.</summary>
    public static async Task<IReadOnlyDictionary<EventPosition, string>> ReadAsync(
        NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            "select position_major, position_minor, error from projections.set_aside where projection = $1 and number = $2",
            row => KeyValuePair.Create(row.GetPosition(0)!.Value, row.GetString(2)),
            cancellationToken,
            version.Projection.Value,
            version.Number)).ToDictionary();
}
