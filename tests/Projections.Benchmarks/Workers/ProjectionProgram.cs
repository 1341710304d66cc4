using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Benchmarks.Store;
using Projections.Definitions;
using Projections.PostgresEvents;

namespace Projections.Benchmarks.Workers;

/// <summary>A projection system on a benchmark database, with what it needs.</summary>
internal sealed class ProjectionProgram : IAsyncDisposable
{
    private readonly NpgsqlDataSource _events;

    private ProjectionProgram(ProjectionSystem system, NpgsqlDataSource events)
    {
        System = system;
        _events = events;
    }

    public ProjectionSystem System { get; }

    public static async Task<ProjectionProgram> OpenAsync(string connection, ProjectionRegistry registry, int memoryMegabytes, ILoggerFactory loggers, Action<ProjectionsOptions>? configure = null)
    {
        var events = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { ReadBufferSize = PostgresEventSourceOptions.ReadBufferSize });
        var source = await PostgresEventSource.OpenAsync(events, EventTableMapping.Marten(BenchmarkDatabase.EventSchema));
        var options = new ProjectionsOptions { MemoryLimitMegabytes = memoryMegabytes };
        configure?.Invoke(options);
        var system = new ProjectionSystem(registry, connection, source, options, loggers);
        await system.Catalog.InstallAsync(CancellationToken.None);
        return new ProjectionProgram(system, events);
    }

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        await _events.DisposeAsync();
    }
}
