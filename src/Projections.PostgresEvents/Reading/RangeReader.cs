using System.Runtime.CompilerServices;
using Npgsql;
using Projections.Events;
using Projections.Events.Reading;
using Projections.PostgresEvents.Layout;

namespace Projections.PostgresEvents.Reading;

/// <summary>Reads one range of positions by one COPY, cut into batches.</summary>
internal sealed class RangeReader(EventTableLayout layout, EventRow row, PostgresEventSourceOptions options, EventFilter filter)
{
    private readonly WantedTypes _wanted = new(layout.ReaderPicksTypes(filter) ? filter.Types : null);

    /// <summary>How many events the last range had.</summary>
    public long Count { get; private set; }

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        NpgsqlConnection connection,
        long after,
        long upTo,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Count = 0;
        var buffer = NewBuffer();
        var copy = await connection.BeginRawBinaryCopyAsync(layout.Copy(after, upTo, filter), cancellationToken);
        var isWhole = false;
        try
        {
            buffer.Start = EventRow.HeaderBytes;
            while (!isWhole)
            {
                isWhole = await FillAsync(copy, buffer, cancellationToken);
                var full = buffer;
                Count += full.Count;
                if (!isWhole)
                {
                    buffer = NewBuffer();
                    buffer.TakeRest(full);
                    yield return full.ToBatch(full.LastPosition);
                }
            }

            // The server's snapshot ends here, not when the reader has digested the last batch.
            await copy.DisposeAsync();
            var last = buffer;
            buffer = null;
            yield return last.ToBatch(new EventPosition(upTo));
        }
        finally
        {
            buffer?.Release();
            if (!isWhole)
            {
                await BreakOffAsync(copy);
            }
        }
    }

    private BatchBuffer NewBuffer() => new(options.BatchBytes, options.BatchEvents);

    // Reads until the batch is full (false) or the range is at its end (true).
    private async ValueTask<bool> FillAsync(NpgsqlRawCopyStream copy, BatchBuffer buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (ReadRows(buffer, out var isEnd))
            {
                return isEnd;
            }

            if (buffer.Filled == buffer.Bytes.Length)
            {
                if (buffer.Count > 0)
                {
                    return false;
                }

                buffer.MakeRoom();
            }

            var read = await copy.ReadAsync(buffer.Bytes.AsMemory(buffer.Filled), cancellationToken);
            if (read == 0)
            {
                throw new IOException("The COPY ended in the middle of a row.");
            }

            buffer.Filled += read;
        }
    }

    // True when the batch is full or the end was reached, false when more bytes are needed.
    private bool ReadRows(BatchBuffer buffer, out bool isEnd)
    {
        var start = buffer.Start;
        isEnd = false;
        while (!isEnd && !buffer.IsFull && row.TryRead(buffer.Bytes, ref start, buffer.Filled, out var recorded, out var kind))
        {
            isEnd = kind == RowKind.End;
            if (!isEnd && _wanted.Has(recorded.Type))
            {
                buffer.Add(kind == RowKind.Event ? recorded : throw new EventSourceUnusable(Obstacles.Binary(layout, recorded.Position.Major, recorded.Type)));
            }

            buffer.Start = start;
        }

        return isEnd || buffer.IsFull;
    }

    // A reader that stops in the middle must not wait for the rest of the range.
    private static async ValueTask BreakOffAsync(NpgsqlRawCopyStream copy)
    {
        await copy.CancelAsync();
        await copy.DisposeAsync();
    }
}
