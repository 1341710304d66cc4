using Projections.Chaos.Ground;
using Projections.Chaos.Report;

namespace Projections.Chaos.Load;

/// <summary>Everybody who writes events, and everybody who reads the read names.</summary>
internal static class ChaosLoad
{
    private const int RichWriters = 4;
    private const int QuickWriters = 2;

    public static Task WriteAsync(ChaosGround ground, ChaosOptions options, CancellationToken stop) => Task.WhenAll(
        Enumerable.Range(0, RichWriters + QuickWriters)
            .Select(number => new Writer(ground, options.Late, number < RichWriters, options.Seed + number).WriteAsync(stop)));

    public static Task ReadAsync(ChaosGround ground, ChaosRecord record, CancellationToken stop) => Task.WhenAll(
        from read in ((string, string)[])
        [
            ("balance", "select '', sum(events)::bigint from balance"),
            ("customer_total", "select customer, events::bigint from customer_total"),
            ("open_account", "select account::text, events::bigint from open_account"),
            ("journal", "select '', max(position) from journal"),
        ]
        from prepares in (bool[])[false, true]
        select new Reader(ground, record, read.Item1, read.Item2, prepares).ReadAsync(stop));
}
