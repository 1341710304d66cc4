using Projections.Events;

namespace Projections.Replay;

/// <summary>A batch that several fold. Its buffers are given back when the last of them has disposed of its own.</summary>
/// <param name="batch">The batch.</param>
/// <param name="decoded">What its events were decoded to for all of them, or <c>null</c>.</param>
/// <param name="readers">How many there are.</param>
internal sealed class SharedBatch(EventBatch batch, DecodedEvents? decoded, int readers)
{
    private int _left = readers;

    /// <summary>One reader's own batch: the events up to a position.</summary>
    public EventBatch UpTo(EventPosition position) => batch.Part(position, decoded, Release);

    private void Release()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            decoded?.Release();
            batch.Dispose();
        }
    }
}
