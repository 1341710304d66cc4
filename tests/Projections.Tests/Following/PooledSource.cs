using System.Runtime.CompilerServices;
using System.Text;
using Projections.Events;

namespace Projections.Tests.Following;

/// <summary>
/// A source that hands its events out one by one, each in a large buffer that is used again as soon as it is given back, and that counts
/// how many of them are out.
/// </summary>
/// <param name="count">How many events there are; their positions are 1, 2, and so on.</param>
/// <param name="stream">The stream of an event by its position.</param>
internal sealed class PooledSource(int count, Func<long, StreamId> stream) : IEventSource
{
    private const int BufferBytes = 64 * 1024;

    private readonly Stack<byte[]> _free = new();
    private volatile bool _begun;
    private int _out;

    public string Identity => "pooled";

    public EventPosition End => new(count);

    /// <summary>How many buffers were out at once at most.</summary>
    public int MostBuffersOut { get; private set; }

    /// <summary>The body of the event at a position.</summary>
    public static string BodyOf(long position) => $$"""{"position":{{position}}}""";

    /// <summary>Lets the events be there.</summary>
    public void Begin() => _begun = true;

    public Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken) => Task.FromResult(new SafeHead(_begun ? End : new EventPosition(0), End));

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var position = after.Major + 1; position <= upTo.Major; position++)
        {
            await Task.Yield();
            yield return Batch(position);
        }
    }

    public Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private EventBatch Batch(long position)
    {
        var buffer = _free.TryPop(out var used) ? used : new byte[BufferBytes];
        MostBuffersOut = Math.Max(MostBuffersOut, ++_out);
        var length = Encoding.UTF8.GetBytes(BodyOf(position), buffer);
        var recorded = new RecordedEvent
        {
            Position = new EventPosition(position),
            Stream = stream(position),
            StreamVersion = 1,
            Type = "counted",
            Data = buffer.AsMemory(0, length),
            Time = DateTime.UnixEpoch,
        };
        return new EventBatch([recorded], 1, recorded.Position, () =>
        {
            buffer.AsSpan().Clear();
            _free.Push(buffer);
            _out--;
        });
    }
}
