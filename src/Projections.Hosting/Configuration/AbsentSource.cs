using Projections.Events;

namespace Projections.Hosting.Configuration;

/// <summary>An event store that could not be opened, and says why to whoever asks it for anything.</summary>
/// <param name="identity">What it would be called.</param>
/// <param name="reason">Why it could not be opened.</param>
internal sealed class AbsentSource(string identity, Exception reason) : IEventSource
{
    public string Identity => identity;

    public Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken) => Task.FromException<SafeHead>(Away());

    public IAsyncEnumerable<EventBatch> ReadAsync(EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken) => throw Away();

    public Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) => Task.FromException<EventCount>(Away());

    public Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken) => Task.FromException<DateTime?>(Away());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private EventSourceUnavailable Away() => new(reason.Message, reason);
}
