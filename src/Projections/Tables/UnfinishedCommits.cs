using Npgsql;
using Projections.Postgres;

namespace Projections.Tables;

/// <summary>
/// Transactions over several servers that are committed on this one, and on another one only prepared, as it went away, or this one did, in between. Citus finishes them by itself
/// (<c>citus.recover_2pc_interval</c>, a minute). Until then the checkpoint tells of rows that nobody sees: who read them would fold on what they were before.
/// </summary>
internal static class UnfinishedCommits
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <param name="connection">Where to ask.</param>
    /// <param name="table">The table's name, quoted, with its schema.</param>
    /// <param name="time">The clock of the patience: every commit is in that state for a moment.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    /// <returns>A sentence about what there is; <c>null</c> when there is nothing, as with every table that is not distributed.</returns>
    public static async Task<string?> FindAsync(NpgsqlConnection connection, string table, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await TableKinds.OfAsync(connection, table, cancellationToken) != TableKind.Distributed)
        {
            return null;
        }

        var began = time.GetTimestamp();
        var left = await ReadAsync(connection, cancellationToken);
        while (left.Count > 0 && time.GetElapsedTime(began) < Patience)
        {
            await Task.Delay(BetweenLooks, time, cancellationToken);
            left.IntersectWith(await ReadAsync(connection, cancellationToken));
        }

        return left.Count == 0
            ? null
            : $"what was committed to {table} last is not finished on every server ({string.Join(", ", left)}); Citus does that by itself, within 'citus.recover_2pc_interval'.";
    }

    /// <summary>A server that does not answer may have some.</summary>
    private static async Task<HashSet<string>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            """
            select format('%s:%s: %s', nodename, nodeport, found)
            from run_command_on_workers(
                $$select string_agg(gid, ' ') from pg_prepared_xacts where database = current_database() and gid like 'citus\_%'$$)
            cross join string_to_table(result, case when success then ' ' end) as found
            where result <> ''
            """,
            row => row.GetString(0),
            cancellationToken)).ToHashSet(StringComparer.Ordinal);
}
