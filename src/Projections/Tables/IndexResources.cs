using System.Globalization;
using Npgsql;
using Projections.Postgres;

namespace Projections.Tables;

/// <summary>What a transaction that builds indexes over a whole table may take.</summary>
internal static class IndexResources
{
    /// <summary>A sort that fits in memory builds an index several times faster than one that does not.</summary>
    /// <param name="connection">Where the transaction is open.</param>
    /// <param name="workers">How many processes may help the one that builds an index.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static Task<int> GiveAsync(NpgsqlConnection connection, int workers, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            string.Create(CultureInfo.InvariantCulture, $"set local maintenance_work_mem = '256MB'; set local max_parallel_maintenance_workers = {workers}"),
            cancellationToken);
}
