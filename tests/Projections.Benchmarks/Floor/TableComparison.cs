using Projections.Benchmarks.Store;

namespace Projections.Benchmarks.Floor;

/// <summary>Proves that what was rebuilt is what the floor folded, row by row.</summary>
internal static class TableComparison
{
    /// <exception cref="InvalidOperationException">Rows differ, or there are none.</exception>
    public static async Task ProveEqualAsync(BenchmarkDatabase database, string floor, string rebuilt, string key, CancellationToken cancellationToken)
    {
        var rows = await database.ScalarAsync<long>($"select count(*) from {floor}", cancellationToken);
        var different = await database.ScalarAsync<long>(
            $"select count(*) from {floor} as f full join {rebuilt} as r using ({key}) where row(f.*) is distinct from row(r.*)", cancellationToken);
        if (rows == 0 || different > 0)
        {
            throw new InvalidOperationException($"{rebuilt} is not what it should be: {different} of {rows} rows differ from {floor}.");
        }

        Console.WriteLine($"  {rebuilt} equals the floor's fold in all {rows:N0} rows.");
    }
}
