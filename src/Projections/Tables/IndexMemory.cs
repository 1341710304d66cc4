using System.Globalization;
using Npgsql;

namespace Projections.Tables;

/// <summary>What a transaction that builds indexes over a whole table may take.</summary>
internal static class IndexMemory
{
    /// <summary>A sort that fits in memory builds an index several times faster than one that does not.</summary>
    public static Task<int> GiveAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            string.Create(CultureInfo.InvariantCulture, $"set local maintenance_work_mem = '256MB'; set local max_parallel_maintenance_workers = {Math.Clamp(Environment.ProcessorCount - 1, 1, 4)}"),
            cancellationToken);
}
