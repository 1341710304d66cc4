using System.Runtime.CompilerServices;
using Projections.Events;
using Projections.EventStoreDb.Reading;

namespace Projections.EventStoreDb.OfficialClient;

/// <summary>Cuts the messages of one answer into batches, which end where the range does.</summary>
internal sealed class MessageBatches(ReadRange range, BatchLimits limits, TimeProvider time)
{
    private readonly List<RecordedEvent> _events = [];
    private EventPosition _through = range.After;
    private int _count;
    private long _bytes;
    private bool _isEnded;

    private bool IsFull => _count >= limits.Events || _bytes >= limits.Bytes;

    /// <summary>
    /// Gives a batch when it is full, when what it has would else wait for longer than the limits say, and before the answer fails: so each attempt
    /// brings what came.
    /// </summary>
    public async IAsyncEnumerable<EventBatch> RunAsync(
        Func<CancellationToken, IAsyncEnumerable<Message>> answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var messages = answer(stop.Token).GetAsyncEnumerator(stop.Token);
        Task<bool>? next = null;
        try
        {
            while (!_isEnded)
            {
                next ??= messages.MoveNextAsync().AsTask();
                if (_count > 0 && (IsFull || !await ComesSoonAsync(next, cancellationToken)))
                {
                    yield return Take();
                }

                _isEnded = !await next;
                next = null;
                if (!_isEnded)
                {
                    Note(messages.Current);
                }
            }

            if (_count > 0 || range.UpTo is not null)
            {
                yield return Take();
            }
        }
        finally
        {
            await stop.CancelAsync();
            if (next is not null)
            {
                await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }

            await messages.DisposeAsync();
        }
    }

    private void Note(in Message message)
    {
        if (range.UpTo is { } end)
        {
            // Everything up to the range's end was there when the subscription began, so it has all been searched.
            _isEnded = message.IsCaughtUp || message.Position >= end;
            if (message.Position > end)
            {
                return;
            }
        }

        // A read begins with the event that it is to begin after; a server may send a checkpoint twice.
        if (message.Position > _through)
        {
            _through = message.Position;
            _count++;
            _bytes += message.Bytes;
            if (message.Event is { } wanted)
            {
                _events.Add(wanted);
            }
        }
    }

    private async Task<bool> ComesSoonAsync(Task<bool> next, CancellationToken cancellationToken)
    {
        if (!next.IsCompleted && limits.Linger > TimeSpan.Zero)
        {
            await Task.WhenAny(next, Task.Delay(limits.Linger, time, cancellationToken));
        }

        return next.IsCompletedSuccessfully;
    }

    private EventBatch Take()
    {
        var batch = new EventBatch([.. _events], _events.Count, _isEnded && range.UpTo is { } end ? end : _through);
        _events.Clear();
        (_count, _bytes) = (0, 0);
        return batch;
    }
}
