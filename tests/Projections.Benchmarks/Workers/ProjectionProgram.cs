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

    public static Task<ProjectionProgram> OpenAsync(string connection, ProjectionRegistry registry, int memoryMegabytes, Action<ProjectionsOptions>? configure = null) =>
        OpenAsync(new Places(connection, connection), registry, memoryMegabytes, configure);

    public static async Task<ProjectionProgram> OpenAsync(Places places, ProjectionRegistry registry, int memoryMegabytes, Action<ProjectionsOptions>? configure = null)
    {
        var primary = Connect(places.Events);
        var replay = places.Replay is null ? null : Connect(places.Replay);
        var source = await PostgresEventSource.OpenAsync(
            primary,
            EventTableMapping.Marten(BenchmarkDatabase.EventSchema),
            new PostgresEventSourceOptions { Standby = replay is null ? null : new StandbyOptions { DataSource = replay } });
        var options = new ProjectionsOptions { MemoryLimitMegabytes = memoryMegabytes };
        configure?.Invoke(options);
        var system = new ProjectionSystem(registry, places.ReadModels, source, options, NullLoggerFactory.Instance);
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
