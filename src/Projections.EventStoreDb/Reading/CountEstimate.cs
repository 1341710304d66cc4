using Projections.Events;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// Estimates how many wanted events lie after a position. Positions are bytes of the log, so the count follows from how far apart
/// events lie; that, and how many of them are wanted, is taken from a few at either end. What is few is counted.
/// </summary>
internal static class CountEstimate
{
    private const int Sample = 500;

    public static async Task<long> RunAsync(IEventLog log, EventPosition after, EventSelection selection, CancellationToken cancellationToken)
    {
        var first = await log.ReadFirstAsync(after, Sample, cancellationToken);
        if (first.Count < Sample)
        {
            return Wanted(first, selection, _ => true);
        }

        var last = await log.ReadLastAsync(Sample, cancellationToken);
        var (beginsAt, endsAt) = (first[^1].Position, last[^1].Position);
        if (endsAt <= beginsAt)
        {
            return Wanted(first, selection, _ => true) + Wanted(last, selection, found => found.Position > beginsAt);
        }

        var wanted = Wanted(first, selection, _ => true) + Wanted(last, selection, _ => true);
        var span = Distance(first[0].Position, beginsAt) + Distance(endsAt, last[0].Position);
        return wanted + (long)(Distance(beginsAt, endsAt) * (wanted / Math.Max(1.0, span)));
    }

    private static long Wanted(IReadOnlyList<RecordedEvent> events, EventSelection selection, Func<RecordedEvent, bool> counts) =>
        events.Count(found => selection.MayWant(found.Type, found.Stream) && counts(found));

    private static double Distance(EventPosition from, EventPosition to) => to.Major - (double)from.Major;
}
