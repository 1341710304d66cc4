using Projections.Hosting.Configuration;

namespace Projections.CommandLine.Demo;

/// <summary>The event store of the demo.</summary>
internal interface IDemoEvents : IAsyncDisposable
{
    /// <summary>By what settings its events are read.</summary>
    EventStoreOptions Settings { get; }

    string ConnectionString { get; }

    /// <summary>What the history grows from. Another one each time where the events of earlier demos are still there.</summary>
    int Seed { get; }

    Task CreateAsync(CancellationToken cancellationToken);

    /// <summary>Puts a history into the store.</summary>
    /// <returns>How many events it had.</returns>
    Task<long> SeedAsync(IEnumerable<DemoEvent> history, CancellationToken cancellationToken);

    /// <summary>Appends an event to its stream.</summary>
    Task AppendAsync(DemoEvent e, CancellationToken cancellationToken);
}
