using Microsoft.Extensions.Logging;
using Projections.Events;
using Projections.PostgresEvents;

namespace Projections.Hosting.Configuration;

/// <summary>Everything that is configured, read and checked.</summary>
/// <param name="ReadModels">The connection string of the read models' database.</param>
/// <param name="Events">The connection string of the event store; that of the read models where none is given.</param>
/// <param name="EventStore">Whose tables hold the events.</param>
/// <param name="Engine">How the engine works.</param>
internal sealed record HostSettings(string ReadModels, string Events, EventStoreOptions EventStore, ProjectionsOptions Engine)
{
    /// <summary>The setting that <see cref="ReadModels"/> came from.</summary>
    public string ReadModelsSetting { get; init; } = SettingsReader.ReadModels;

    /// <summary>The setting that <see cref="Events"/> came from.</summary>
    public string EventsSetting { get; init; } = SettingsReader.Events;

    /// <summary>The connection string of a streaming standby of the event store, from which history is read; <c>null</c> where it is read from the store.</summary>
    public string? EventsReplay { get; init; }

    /// <summary>Opens an event source that is none of ours; <c>null</c> where <see cref="EventStore"/> says which is read.</summary>
    public Func<ILoggerFactory, CancellationToken, Task<IEventSource>>? OpenOwn { get; init; }

    /// <summary>How long after a look at the head of an event table the next one comes while nothing happens. The default is 100 milliseconds.</summary>
    public TimeSpan HeadInterval { get; init; } = new PostgresEventSourceOptions().IdleInterval;

    /// <summary>What the database is called where the process serves several; <c>null</c> for the only one.</summary>
    public string? Database { get; init; }

    /// <summary>How many connections may be open for reading events; <c>null</c> for the driver's own limit.</summary>
    public int? EventConnections { get; init; }

    /// <summary>Whether an event store that is away is no obstacle: for who looks at the catalog, and need not wait for events. The default is no.</summary>
    public bool EventsMayBeAway { get; init; }
}
