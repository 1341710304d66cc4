using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Checks;
using Projections.Definitions;
using Projections.Events;
using Projections.LateEvents;
using Projections.Postgres;
using Projections.Replay;
using Projections.Serving;
using Projections.Switching.Queries;
using Projections.Waiting;

namespace Projections;

/// <summary>What every operation and the worker stand on: the versions this code knows, the database, and the events.</summary>
public sealed class ProjectionSystem : IAsyncDisposable
{
    /// <summary>A handful a projection that is followed; the least used make room for others.</summary>
    private const int MostPrepared = 200;

    private readonly ProcessResources? _ownProcess;
    private readonly IDisposable? _entered;
    private IEventSource? _source;
    private LiveTables? _liveTables;

    /// <param name="registry">The versions that this code knows.</param>
    /// <param name="readModels">The connection string of the read models' database, which holds the catalog too.</param>
    /// <param name="source">Where the events come from. Disposed with the system.</param>
    /// <param name="options">How the engine works.</param>
    /// <param name="loggers">Where it says what it does.</param>
    /// <param name="time">The clock.</param>
    public ProjectionSystem(
        ProjectionRegistry registry,
        string readModels,
        IEventSource source,
        ProjectionsOptions options,
        ILoggerFactory loggers,
        TimeProvider? time = null)
        : this(registry, readModels, options, loggers, time) => ReadFrom(source);

    /// <summary>A system that is told later where its events come from: <see cref="ReadFrom"/>.</summary>
    /// <param name="registry">The versions that this code knows.</param>
    /// <param name="readModels">The connection string of the read models' database.</param>
    /// <param name="options">How the engine works.</param>
    /// <param name="loggers">Where it says what it does.</param>
    /// <param name="time">The clock.</param>
    /// <param name="place">Its place among others of the process; <c>null</c> for the only one.</param>
    internal ProjectionSystem(
        ProjectionRegistry registry, string readModels, ProjectionsOptions options, ILoggerFactory loggers, TimeProvider? time = null, ServingPlace? place = null)
    {
        Registry = registry;
        Options = options;
        Loggers = loggers;
        Time = time ?? TimeProvider.System;
        Name = WorkerName.Create(Environment.MachineName, Environment.ProcessId, Guid.NewGuid());
        var connection = new NpgsqlConnectionStringBuilder(readModels)
        {
            // By this name another worker finds and ends the sessions of one that sleeps past its lease.
            ApplicationName = WorkerName.OfSessions(Name),
            // The SQL files and statements of versions name no schema; they find the read models by this.
            SearchPath = SqlName.Quote(options.Schema),
            // Without it nobody could say which event's statement failed.
            IncludeFailedBatchedCommand = true,
        };
        Listening = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection.ConnectionString) { Pooling = false });
        connection.MaxPoolSize = place?.Connections.ReadModels ?? connection.MaxPoolSize;
        ReadModels = NpgsqlDataSource.Create(connection);
        connection.MaxPoolSize = place?.Connections.Steady ?? connection.MaxPoolSize;
        connection.NoResetOnClose = true;
        connection.MaxAutoPrepare = MostPrepared;
        connection.AutoPrepareMinUsages = 2;
        Steady = NpgsqlDataSource.Create(connection);
        MostRebuilds = Math.Min(options.ConcurrentRebuilds, place?.Connections.Rebuilds ?? options.ConcurrentRebuilds);
        Catalog = new ProjectionCatalog(ReadModels);
        Database = place?.Database;
        Process = place?.Process ?? (_ownProcess = new ProcessResources(options));
        _entered = place?.Process.Enter();
        Passes = new Passes(this);
        Brakes = new RebuildBrakes(this);
        Queries = new QueryComparisons(options.Schema, Time);
    }

    /// <summary>The name of this worker in leases; unique among processes.</summary>
    public string Name { get; }

    /// <summary>The name of its database among those that the process serves; <c>null</c> for the only one.</summary>
    internal string? Database { get; }

    /// <summary>What it shares with the other databases of the process.</summary>
    internal ProcessResources Process { get; }

    public ProjectionRegistry Registry { get; internal set; }

    public NpgsqlDataSource ReadModels { get; }

    /// <summary>
    /// The same database for the few statements that a worker repeats all day. Its sessions keep them prepared and are not reset
    /// between two uses, which together cost the server more than what the statements do. So nothing may run here that
    /// leaves something behind in its session, or that needs the search path.
    /// </summary>
    internal NpgsqlDataSource Steady { get; }

    /// <summary>The same database for sessions that are held for as long as the worker works, beside the pools.</summary>
    internal NpgsqlDataSource Listening { get; }

    /// <summary>How many rebuilds may go on here at a time.</summary>
    internal int MostRebuilds { get; }

    /// <exception cref="InvalidOperationException">It was not said yet where events come from.</exception>
    public IEventSource Source => _source ?? throw NotOpened();

    /// <summary>Looks for late events; <c>null</c> where the source passes nothing without a proof.</summary>
    internal LateEventWatch? LateEvents { get; private set; }

    /// <summary>Tells whoever waits that the rows which readers see have come to a position.</summary>
    internal LiveTables LiveTables => _liveTables ?? throw NotOpened();

    public ProjectionsOptions Options { get; }

    public ILoggerFactory Loggers { get; }

    public TimeProvider Time { get; }

    internal ProjectionCatalog Catalog { get; }

    /// <summary>What catch-up checks expect of the versions, and may do about them. The default is to look, with the default limits; said once, before anything is
    /// done.</summary>
    public CatchUpSettings Expectations { get; set; } = new();

    /// <summary>What the rebuilds of this process may keep in memory.</summary>
    internal ReplayMemory ReplayMemory => Process.ReplayMemory;

    /// <summary>How the rebuilds of this process read history.</summary>
    internal Passes Passes { get; }

    /// <summary>What holds the rebuilds of this process.</summary>
    internal RebuildBrakes Brakes { get; }

    /// <summary>What becomes of readers' statements behind versions.</summary>
    internal QueryComparisons Queries { get; }

    /// <summary>Says where the events come from, once, before anything is done with them. The source is disposed with the system.</summary>
    internal void ReadFrom(IEventSource source)
    {
        LateEvents = source.GivenUp is { } givenUp ? new LateEventWatch(this, source, givenUp) : null;
        _source = LateEvents is { } watch ? new WatchedSource(source, watch) : source;
        _liveTables = new LiveTables(Steady, LateEvents, Time, Loggers.CreateLogger<LiveTables>());
    }

    public async ValueTask DisposeAsync()
    {
        if (_liveTables is not null)
        {
            await _liveTables.DisposeAsync();
        }

        if (_source is not null)
        {
            await _source.DisposeAsync();
        }

        await ReadModels.DisposeAsync();
        await Steady.DisposeAsync();
        await Listening.DisposeAsync();
        _entered?.Dispose();
        _ownProcess?.Dispose();
    }

    private static InvalidOperationException NotOpened() => new("The event source is opened when the host starts; nothing can be asked of it before.");
}
