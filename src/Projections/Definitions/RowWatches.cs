using Projections.Events;

namespace Projections.Definitions;

/// <summary>Several who want to know what events do to rows.</summary>
internal sealed class RowWatches : IRowWatch
{
    private readonly IReadOnlyList<IRowWatch> _watches;

    private RowWatches(IReadOnlyList<IRowWatch> watches) => _watches = watches;

    /// <returns>One that tells all of them; <c>null</c> for nobody.</returns>
    public static IRowWatch? Of(params IEnumerable<IRowWatch?> watches) => watches.OfType<IRowWatch>().ToList() switch
    {
        [] => null,
        [var only] => only,
        var several => new RowWatches(several),
    };

    public bool Wants(in RecordedEvent recorded)
    {
        foreach (var watch in _watches)
        {
            if (watch.Wants(recorded))
            {
                return true;
            }
        }

        return false;
    }

    public void Changed(RecordedEvent[] batch, int index, object key, object? before, object? after)
    {
        foreach (var watch in _watches)
        {
            // Each of them may want an event that another does not.
            if (watch.Wants(batch[index]))
            {
                watch.Changed(batch, index, key, before, after);
            }
        }
    }
}
