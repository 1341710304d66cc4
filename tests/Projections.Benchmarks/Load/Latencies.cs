namespace Projections.Benchmarks.Load;

/// <summary>Times of many like things, in milliseconds.</summary>
internal sealed class Latencies
{
    private readonly float[] _sorted;

    public Latencies(float[] times)
    {
        _sorted = times;
        Array.Sort(_sorted);
    }

    public int Count => _sorted.Length;

    public double Max => _sorted.Length == 0 ? double.NaN : _sorted[^1];

    /// <param name="share">Such as 0.99.</param>
    public double Percentile(double share) => _sorted.Length == 0 ? double.NaN : _sorted[Math.Min(_sorted.Length - 1, (int)(_sorted.Length * share))];

    /// <summary>How many took longer than so many milliseconds.</summary>
    public int LongerThan(double milliseconds) => _sorted.Count(time => time > milliseconds);

    public override string ToString() => $"{Count:N0}, p50 {Percentile(0.5):0.00} ms, p99 {Percentile(0.99):0.00} ms, longest {Max:0.0} ms";
}
