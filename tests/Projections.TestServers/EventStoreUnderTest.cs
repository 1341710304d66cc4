using Projections.Events;

namespace Projections.TestServers;

/// <summary>An empty event store for one conformance test, with a way to append to it as its own clients do.</summary>
public abstract class EventStoreUnderTest : IAsyncDisposable
{
    /// <summary>Whether streams have a category that can be filtered on.</summary>
    public virtual bool HasCategories => true;

    /// <summary>Opens a source on the store; the test disposes it.</summary>
    public abstract Task<IEventSource> OpenAsync();

    /// <summary>The name by which the store knows a stream of a category.</summary>
    public abstract StreamId StreamOf(string category, int number);

    /// <summary>Appends events to a stream, committed when this returns.</summary>
    public abstract Task AppendAsync(string category, int number, params IReadOnlyList<(string Type, string Json)> events);

    public abstract ValueTask DisposeAsync();
}
