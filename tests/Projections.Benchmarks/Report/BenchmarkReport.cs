using System.Text.Json;

namespace Projections.Benchmarks.Report;

/// <summary>A run as it is kept in a file.</summary>
internal sealed record BenchmarkReport(DateTimeOffset At, int Events, Machine Machine, IReadOnlyList<Figure> Figures)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public async Task SaveAsync(string file, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(this, Json), cancellationToken);
    }

    public static async Task<BenchmarkReport> LoadAsync(string file, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<BenchmarkReport>(await File.ReadAllTextAsync(file, cancellationToken), Json)
        ?? throw new InvalidDataException($"{file} holds no report.");
}
