namespace Projections.Replay;

/// <summary>
/// Finds the rate of a replay at which one read in a hundred takes longer than readers may be made to wait. Each read that is
/// quick enough raises the rate a little, and one that is not lowers it by much: the two balance at about that share.
/// </summary>
/// <param name="limit">How long a read may take.</param>
internal sealed class ReaderGuard(TimeSpan limit)
{
    /// <summary>Slower than this a replay is not made: it would never end.</summary>
    public const int LeastRate = 1_000;

    // Where to begin when a reader waits before the replay knows its own rate.
    private const double FirstRate = 100_000;

    private const double Raise = 1.005;
    private const double Lower = 0.6;

    // More headroom than this would only have to be taken back when readers begin to wait.
    private const double MostHeadroom = 1.5;

    private double _rate = double.PositiveInfinity;

    /// <summary>How many events a second may be replayed, or <c>null</c> as long as no reader has waited too long.</summary>
    public int? PerSecond => double.IsPositiveInfinity(Volatile.Read(ref _rate)) ? null : (int)Volatile.Read(ref _rate);

    /// <param name="took">How long a read took.</param>
    /// <param name="rate">At which rate the replay is going on, in events a second, as far as it is known.</param>
    public void Observe(TimeSpan took, double? rate)
    {
        var allowed = _rate;
        if (took > limit)
        {
            allowed = Math.Max(LeastRate, Math.Min(allowed, rate ?? FirstRate) * Lower);
        }
        else if (!double.IsPositiveInfinity(allowed))
        {
            var most = Math.Max(LeastRate, (rate ?? double.PositiveInfinity) * MostHeadroom);
            allowed = Math.Min(allowed * Raise, Math.Max(allowed, most));
        }

        Volatile.Write(ref _rate, allowed);
    }
}
