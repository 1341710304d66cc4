using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Backfills;

/// <summary>Sees whether others suffer from the load, so that the backfill should let them go first.</summary>
internal sealed class BackfillPressure(BackfillOptions options)
{
    /// <returns>Who suffers, for people; <c>null</c> when nobody does.</returns>
    public async Task<string?> FindAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        if (await connection.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = to_regclass($1))", cancellationToken, table))
        {
            return $"somebody waits for a lock on {table}";
        }

        // Without the role pg_monitor the lag reads as NULL; then nothing is known, and nothing is waited for.
        return await connection.ScalarAsync<bool>(
            "SELECT coalesce(bool_or(replay_lag > $1), false) FROM pg_stat_replication", cancellationToken, options.LargestReplicaLag)
            ? $"a replica is more than {options.LargestReplicaLag.TotalSeconds:0.#} s behind"
            : null;
    }
}
