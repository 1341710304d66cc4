using System.Runtime.CompilerServices;
using Projections.Events;

namespace Projections.EndToEnd;

/// <summary>A source that counts the events that are read of its history, and can be held at a place of it.</summary>
internal sealed class CountedSource(IEventSource source) : SourceInFront(source)
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _read;
    private int _held;
    private int _ended;

    /// <summary>How many events were read, each as often as it was.</summary>
    public long Read => Interlocked.Read(ref _read);

    /// <summary>How many readings wait at the place.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>How many readings are over, whether they came to their end or not.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>What lies behind is not given before <see cref="Release"/>; the default is to hold nothing.</summary>
    public long HeldAfter { get; init; } = long.MaxValue;

    public void Release() => _released.TrySetResult();

    public override async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var batch in base.ReadAsync(after, upTo, filter, cancellationToken))
            {
                if (batch.Through.Major > HeldAfter && !_released.Task.IsCompleted)
                {
                    await HoldAsync(batch, cancellationToken);
                }

                Interlocked.Add(ref _read, batch.Count);
                yield return batch;
            }
        }
        finally
        {
            Interlocked.Increment(ref _ended);
        }
    }

    private async Task HoldAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _held);
        try
        {
            await _released.Task.WaitAsync(cancellationToken);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }
}
