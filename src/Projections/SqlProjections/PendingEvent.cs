using Projections.Events;

namespace Projections.SqlProjections;

/// <summary>An event whose statements wait for the next write.</summary>
/// <param name="Recorded">The event; its body is a copy, which outlives the batch.</param>
/// <param name="Statements">Its statements.</param>
internal readonly record struct PendingEvent(RecordedEvent Recorded, PendingStatement[] Statements)
{
    public long Bytes
    {
        get
        {
            // The event itself, its place in the list, and two arrays' headers.
            long bytes = 192 + Recorded.Data.Length + Recorded.Metadata.Length;
            foreach (var statement in Statements)
            {
                bytes += statement.Bytes;
            }

            return bytes;
        }
    }
}
