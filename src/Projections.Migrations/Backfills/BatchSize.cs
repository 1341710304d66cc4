using Projections.Migrations.Files;

namespace Projections.Migrations.Backfills;

/// <summary>How many rows the next batch has: it follows the time that the last one took, at most twice or half as many at a time.</summary>
internal sealed class BatchSize(FrontMatter frontMatter, BackfillOptions options)
{
    private const int Smallest = 10;

    private readonly TimeSpan _target = frontMatter.TargetTime ?? options.TargetTime;

    public int Rows { get; private set; } = frontMatter.BatchSize ?? options.BatchSize;

    public void Adapt(TimeSpan took)
    {
        var factor = Math.Clamp(_target / (took > TimeSpan.Zero ? took : TimeSpan.FromMilliseconds(1)), 0.5, 2);
        Set((int)Math.Min(Rows * factor, options.LargestBatch));
    }

    public void Halve() => Set(Rows / 2);

    // A batch that was asked for smaller than the smallest stays as asked.
    private void Set(int rows) => Rows = Math.Max(rows, Math.Min(Smallest, Rows));
}
