using Npgsql;
using Projections.Events;

namespace Projections.Statements;

/// <summary>An event whose statements wait for the next write.</summary>
/// <param name="Recorded">The event; its body is a copy, which outlives the batch.</param>
/// <param name="Commands">Its statements.</param>
internal readonly record struct PendingEvent(RecordedEvent Recorded, NpgsqlBatchCommand[] Commands)
{
    // What Npgsql's objects take, roughly; the body counts as it is.
    private const int BytesPerCommand = 400;
    private const int BytesPerParameter = 200;

    public long Bytes
    {
        get
        {
            long bytes = 128 + Recorded.Data.Length + Recorded.Metadata.Length;
            foreach (var command in Commands)
            {
                bytes += BytesPerCommand + (BytesPerParameter * command.Parameters.Count);
            }

            return bytes;
        }
    }
}
