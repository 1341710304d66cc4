using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Projections.Benchmarks.Store;
using Projections.Definitions;
using Projections.PostgresEvents;
using Projections.PostgresEvents.Standbys;

namespace Projections.Benchmarks.Workers;

/// <summary>A projection system on a benchmark database, with what it needs.</summary>
internal sealed class ProjectionProgram : IAsyncDisposable
{
    private readonly IReadOnlyList<NpgsqlDataSource> _events;

    private ProjectionProgram(ProjectionSystem system, params IReadOnlyList<NpgsqlDataSource> events)
    {
        System = system;
        _events = events;
    }

    public ProjectionSystem System { get; }

    public static async Task<ProjectionProgram> OpenAsync(string connection, ProjectionRegistry registry, int memoryMegabytes, ILoggerFactory loggers, Action<ProjectionsOptions>? configure = null)
    {
        var events = Connect(connection);
        var source = await PostgresEventSource.OpenAsync(events, EventTableMapping.Marten(BenchmarkDatabase.EventSchema));
        var options = new ProjectionsOptions { MemoryLimitMegabytes = memoryMegabytes };
        configure?.Invoke(options);
        var system = new ProjectionSystem(registry, connection, source, options, loggers);
        await system.Catalog.InstallAsync(CancellationToken.None);
        return new ProjectionProgram(system, events);
    }

    /// <summary>A system whose read models are on another server than the events, of which it reads history from a standby if there is one.</summary>
    public static async Task<ProjectionProgram> OpenApartAsync(string events, string? standby, string readModels, ProjectionRegistry registry, int memoryMegabytes)
    {
        var primary = Connect(events);
        var replay = standby is null ? null : Connect(standby);
        var source = await PostgresEventSource.OpenAsync(
            primary,
            EventTableMapping.Marten(BenchmarkDatabase.EventSchema),
            new PostgresEventSourceOptions { Standby = replay is null ? null : new StandbyOptions { DataSource = replay } });
        var system = new ProjectionSystem(registry, readModels, source, new ProjectionsOptions { MemoryLimitMegabytes = memoryMegabytes }, NullLoggerFactory.Instance);
        await system.Catalog.InstallAsync(CancellationToken.None);
        return replay is null ? new ProjectionProgram(system, primary) : new ProjectionProgram(system, primary, replay);
    }

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        foreach (var events in _events)
        {
            await events.DisposeAsync();
        }
    }

    private static NpgsqlDataSource Connect(string connection) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { ReadBufferSize = PostgresEventSourceOptions.ReadBufferSize });
}
