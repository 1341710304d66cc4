using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>
/// What is to be captured of a projection's rows while they are folded changes in a transaction behind this: nobody commits rows any more that were folded without knowing of it.
/// </summary>
internal static class FoldFence
{
    /// <summary>Locks the rows of all versions and shards, so that nobody commits meanwhile, and has whoever has folded without knowing of the change fold anew.</summary>
    /// <returns>The furthest that any of them has committed.</returns>
    public static async Task<EventPosition> RaiseAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken)
    {
        // By number, as everybody does who locks several versions.
        await connection.ExecuteAsync("select 1 from projections.version where projection = $1 order by number for update", cancellationToken, projection.Value);
        await connection.ExecuteAsync("select 1 from projections.shard where projection = $1 order by number, from_hash for update", cancellationToken, projection.Value);
        var positions = await connection.QueryAsync(
            """
            with versions as (
                update projections.version set reactions = reactions + 1 where projection = $1 returning position_major, position_minor),
            shards as (
                update projections.shard set reactions = reactions + 1 where projection = $1 returning position_major, position_minor)
            select * from versions union all select * from shards
            """,
            row => row.GetPosition(0),
            cancellationToken,
            projection.Value);
        return positions.Max() ?? EventPosition.BeforeFirst;
    }

    /// <summary>The same for versions that are followed, and whose rows are locked already.</summary>
    public static Task RaiseAsync(NpgsqlConnection connection, ProjectionName projection, int[] locked, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "update projections.version set reactions = reactions + 1 where projection = $1 and number = any($2)", cancellationToken, projection.Value, locked);
}
