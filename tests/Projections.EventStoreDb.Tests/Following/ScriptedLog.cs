using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Projections.Events;

namespace Projections.EventStoreDb.Tests.Following;

/// <summary>A log whose subscription brings what a test says, and that counts how often it is asked for what.</summary>
internal sealed class ScriptedLog : IEventLog
{
    private readonly Channel<EventBatch> _coming = Channel.CreateUnbounded<EventBatch>();
    private readonly Channel<bool> _ended = Channel.CreateUnbounded<bool>();
    private int _subscriptions;

    public string Name => "scripted";

    public int Subscriptions => Volatile.Read(ref _subscriptions);

    /// <summary>How many subscriptions have come to their end; each is told once.</summary>
    public ValueTask<bool> EndedAsync() => _ended.Reader.ReadAsync();

    public EventPosition End { get; set; } = new(100);

    public void Bring(params RecordedEvent[] events) => _coming.Writer.TryWrite(new EventBatch(events, events.Length, events[^1].Position));

    public Task<LogEnd> FindEndAsync(CancellationToken cancellationToken) => Task.FromResult(new LogEnd(End, End));

    public async IAsyncEnumerable<TailBatch> FollowAsync(EventPosition after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _subscriptions);
        try
        {
            await foreach (var batch in _coming.Reader.ReadAllAsync(cancellationToken))
            {
                yield return new TailBatch(batch, true);
            }
        }
        finally
        {
            _ended.Writer.TryWrite(true);
        }
    }

    public IAsyncEnumerable<EventBatch> ReadAsync(EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("The log was read.");

    public IAsyncEnumerable<EventBatch> SearchAsync(EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("The log was searched.");

    public Task<IReadOnlyList<RecordedEvent>> ReadFirstAsync(EventPosition after, int count, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RecordedEvent>>([]);

    public Task<IReadOnlyList<RecordedEvent>> ReadLastAsync(int count, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RecordedEvent>>([]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
