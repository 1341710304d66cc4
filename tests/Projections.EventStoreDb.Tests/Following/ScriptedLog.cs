using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Projections.Events;
using Projections.EventStoreDb.Errors;

namespace Projections.EventStoreDb.Tests.Following;

/// <summary>A log of events at 1, 2, and so on, whose subscription brings what a test says, and that notes what it is asked for.</summary>
internal sealed class ScriptedLog : IEventLog
{
    private readonly Channel<object> _coming = Channel.CreateUnbounded<object>();

    public string Name => "scripted";

    public EventPosition End { get; set; } = new(100);

    /// <summary>Where the log ends once it was asked for its end.</summary>
    public EventPosition Comes { get; set; } = EventPosition.BeforeFirst;

    /// <summary>What was asked for, in order: <c>read 5..100</c>, <c>follow 100</c>.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Brings an event by the subscription, in a buffer that is used for something else as soon as it is given back.</summary>
    public void Bring(long position)
    {
        var buffer = BitConverter.GetBytes(position);
        _coming.Writer.TryWrite(new EventBatch([At(position, buffer)], 1, new EventPosition(position), () => buffer.AsSpan().Clear()));
    }

    /// <summary>Breaks the subscription, behind what was brought before.</summary>
    public void Break(EventStoreDbException? reason = null) => _coming.Writer.TryWrite(reason ?? new ServerUnavailable("Following", "the connection broke"));

    public Task<LogEnd> FindEndAsync(CancellationToken cancellationToken)
    {
        var end = new LogEnd(End, End);
        End = EventPosition.Max(End, Comes);
        return Task.FromResult(end);
    }

    public async IAsyncEnumerable<EventBatch> FollowAsync(
        EventPosition after, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Asked.Add($"follow {after}");
        await foreach (var next in _coming.Reader.ReadAllAsync(cancellationToken))
        {
            yield return next as EventBatch ?? throw (EventStoreDbException)next;
        }
    }

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Asked.Add($"read {after}..{upTo}");
        await Task.Yield();
        var events = Enumerable.Range((int)after.Major + 1, (int)(upTo.Major - after.Major)).Select(position => At(position, BitConverter.GetBytes((long)position))).ToArray();
        yield return new EventBatch(events, events.Length, upTo);
    }

    public IAsyncEnumerable<EventBatch> SearchAsync(EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("The log was searched.");

    public Task<IReadOnlyList<RecordedEvent>> ReadFirstAsync(EventPosition after, int count, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RecordedEvent>>([]);

    public Task<IReadOnlyList<RecordedEvent>> ReadLastAsync(int count, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RecordedEvent>>([]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static RecordedEvent At(long position, byte[] body) => new()
    {
        Position = new EventPosition(position),
        Stream = new StreamId("a-1"),
        StreamVersion = position,
        Type = "a",
        Data = body,
        Time = DateTime.UnixEpoch,
    };
}
