using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;
using Projections.Events;
using Projections.Events.Reading;
using Projections.PostgresEvents.Layout;

namespace Projections.PostgresEvents.Reading;

/// <summary>Reads one range of positions after the other, each by one COPY, cut into batches.</summary>
internal sealed class RangeReader(EventTableLayout layout, EventRow row, PostgresEventSourceOptions options, EventFilter filter)
{
    // What follows the newest events reads a few at a time, all day: they need no buffers for thousands.
    private const int FewPositions = 256;
    private const int FewBytes = 64 * 1024;

    private readonly WantedTypes _wanted = new(layout.ReaderPicksTypes(filter) ? filter.Types : null);

    /// <summary>How many events the last range had.</summary>
    public long Count { get; private set; }

    /// <summary>How long the server was waited for in the last range.</summary>
    public TimeSpan Waited { get; private set; }

    /// <exception cref="ServerSilent">The server has sent nothing for too long, behind the last batch; the connection is broken.</exception>
    public async IAsyncEnumerable<EventBatch> ReadAsync(
        ReadingSession session,
        long after,
        long upTo,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (Count, Waited) = (0, default);
        using var patience = new Patience(options.ReadPatience, cancellationToken);
        var sql = layout.Copy(after, upTo, filter);
        var copy = await patience.WaitAsync(token => new ValueTask<NpgsqlRawCopyStream>(session.Connection.BeginRawBinaryCopyAsync(sql, token)));
        var buffer = NewBuffer(upTo - after);
        var isWhole = false;
        try
        {
            buffer.Start = EventRow.HeaderBytes;
            while (!isWhole)
            {
                isWhole = await FillAsync(copy, buffer, patience);
                var full = buffer;
                Count += full.Count;
                if (!isWhole)
                {
                    buffer = NewBuffer(upTo - after);
                    buffer.TakeRest(full);
                    yield return full.ToBatch(full.LastPosition);
                }
            }

            // The server's snapshot ends here, not when the reader has digested the last batch.
            await copy.DisposeAsync();
            await session.EndAsync(cancellationToken);
            Waited = patience.Waited;
            var last = buffer;
            buffer = null;
            yield return last.ToBatch(new EventPosition(upTo));
        }
        finally
        {
            buffer?.Release();
            if (!isWhole)
            {
                await BreakOffAsync(session.Connection, copy);
            }
        }
    }

    private BatchBuffer NewBuffer(long positions) =>
        positions <= FewPositions ? new(Math.Min(FewBytes, options.BatchBytes), FewPositions) : new(options.BatchBytes, options.BatchEvents);

    // Reads until the batch is full (false) or the range is at its end (true).
    private async ValueTask<bool> FillAsync(NpgsqlRawCopyStream copy, BatchBuffer buffer, Patience patience)
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

            var read = await patience.WaitAsync(token => copy.ReadAsync(buffer.Bytes.AsMemory(buffer.Filled), token));
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
    private static async ValueTask BreakOffAsync(NpgsqlConnection connection, NpgsqlRawCopyStream copy)
    {
        if ((connection.FullState & ConnectionState.Broken) == 0)
        {
            await copy.CancelAsync();
        }

        await copy.DisposeAsync();
    }
}
