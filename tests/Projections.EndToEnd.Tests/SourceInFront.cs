using System.Runtime.CompilerServices;
using Projections.Events;

namespace Projections.EndToEnd;

/// <summary>A source that stands in front of another, for tests that change some of what it does.</summary>
internal abstract class SourceInFront(IEventSource source) : IEventSource
{
    public string Identity => source.Identity;

    public virtual Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken) => source.GetSafeHeadAsync(cancellationToken);

    public virtual IAsyncEnumerable<EventBatch> ReadAsync(EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken) =>
        source.ReadAsync(after, upTo, filter, cancellationToken);

    public virtual IAsyncEnumerable<EventBatch> FollowAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        source.FollowAsync(after, filter, cancellationToken);

    public Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        source.EstimateCountAsync(after, filter, cancellationToken);

    public Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken) => source.GetTimeOfNextAsync(after, cancellationToken);

    public ValueTask DisposeAsync() => source.DisposeAsync();
}

/// <summary>A store that a person can shut: whoever asks it for anything is told that it cannot be read.</summary>
internal sealed class ShutSource(IEventSource source) : SourceInFront(source)
{
    public const string Reason = "The server of the event table does not let us in: password authentication failed.";

    private volatile TaskCompletionSource _shut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isShut;

    /// <summary>Shuts it, also for whoever waits at the moment.</summary>
    public void Shut()
    {
        _isShut = true;
        _shut.TrySetResult();
    }

    public void Open()
    {
        _shut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _isShut = false;
    }

    public override Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken) =>
        _isShut ? throw new EventSourceUnusable(Reason) : base.GetSafeHeadAsync(cancellationToken);

    public override IAsyncEnumerable<EventBatch> ReadAsync(EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken) =>
        _isShut ? throw new EventSourceUnusable(Reason) : base.ReadAsync(after, upTo, filter, cancellationToken);

    public override async IAsyncEnumerable<EventBatch> FollowAsync(
        EventPosition after, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var batches = base.FollowAsync(after, filter, stop.Token).GetAsyncEnumerator(stop.Token);
        while (true)
        {
            var next = batches.MoveNextAsync().AsTask();
            if (_isShut || await Task.WhenAny(next, _shut.Task) != next)
            {
                await stop.CancelAsync();
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw new EventSourceUnusable(Reason);
            }

            await next;
            yield return batches.Current;
        }
    }
}
