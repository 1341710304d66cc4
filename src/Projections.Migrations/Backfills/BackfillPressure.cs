using Npgsql;
using Projections.Postgres;
using Projections.Postgres.Brakes;

namespace Projections.Migrations.Backfills;

/// <summary>Sees whether others suffer from the load of one backfill, so that it should let them go first.</summary>
internal sealed class BackfillPressure(BackfillOptions options, TimeProvider time)
{
    private readonly IReadOnlyList<IBrake> _brakes = BrakeSet.Of(
        options.LargestReplicaLag, options.ReplicasLeftOut, options.LargestWalMegabytesPerSecond, options.LeastFreeDiskMegabytes, options.FreeDiskQuery, time);

    /// <returns>Who suffers, for people; <c>null</c> when nobody does.</returns>
    public async Task<string?> FindAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        if (await connection.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = to_regclass($1))", cancellationToken, table))
        {
            return $"somebody waits for a lock on {table}";
        }

        foreach (var brake in _brakes)
        {
            if (await brake.FindAsync(connection, cancellationToken) is { } figure)
            {
                return $"{figure} ({brake.Name})";
            }
        }

        return null;
    }
}
