using Projections.Events;

namespace Projections.Testing;

/// <summary>An empty event store for one claim of <see cref="EventSourceConformance"/>, with a way to append to it as its own clients do.</summary>
public abstract class EventStoreUnderTest : IAsyncDisposable
{
    /// <summary>Whether streams have a category that can be filtered on.</summary>
    public virtual bool HasCategories => true;

    /// <summary>How large an event's body may be, in bytes. Default 3,000,000, more than the batches of most sources have.</summary>
    public virtual int LargestEvent => 3_000_000;

    /// <summary>Opens a source on the store; the claim disposes it.</summary>
    public abstract Task<IEventSource> OpenAsync();

    /// <summary>The name by which the store knows a stream of a category.</summary>
    public abstract StreamId StreamOf(string category, int number);

    /// <summary>Appends events to a stream, committed when this returns.</summary>
    /// <param name="category">The stream's category.</param>
    /// <param name="number">Which stream of the category it is.</param>
    /// <param name="events">The events in order, each with its type's name and its body.</param>
    public abstract Task AppendAsync(string category, int number, params IReadOnlyList<(string Type, string Json)> events);

    /// <summary>The store is not needed any longer.</summary>
    public abstract ValueTask DisposeAsync();
}
