using Projections.Benchmarks.Store;
using Projections.Commands;
using Projections.Definitions;
using Projections.Operations;

namespace Projections.Benchmarks.Workers;

/// <summary>A worker process that follows a number of projections with a row an event.</summary>
internal sealed class Follower : IAsyncDisposable
{
    private const int MemoryLimit = 512;

    private readonly ProjectionProgram _program;
    private readonly BenchmarkDatabase _database;

    private Follower(ProjectionProgram program, BenchmarkDatabase database, WorkerProcess worker, ProjectionRegistry registry)
    {
        _program = program;
        _database = database;
        Worker = worker;
        Registry = registry;
    }

    public WorkerProcess Worker { get; }

    public ProjectionRegistry Registry { get; }

    /// <summary>The same projections in this process.</summary>
    public ProjectionSystem System => _program.System;

    /// <summary>Starts the worker and waits until it follows all of them.</summary>
    /// <param name="database">The store.</param>
    /// <param name="count">How many projections.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="heapMegabytes">What the heap of the process may take at most; <c>null</c> for no limit.</param>
    /// <param name="together">Whether all are followed in one transaction.</param>
    public static async Task<Follower> StartAsync(BenchmarkDatabase database, int count, CancellationToken cancellationToken, int? heapMegabytes = null, bool together = false)
    {
        var versions = VersionSets.Entries(count);
        var registry = VersionSets.Of(versions);
        var program = await ProjectionProgram.OpenAsync(database.ConnectionString, registry, MemoryLimit);
        var rebuilding = new Rebuilding(program.System);
        var worker = await WorkerProcess.StartAsync(database, versions, MemoryLimit, cancellationToken, heapMegabytes: heapMegabytes, together: together);
        foreach (var projection in registry.Projections)
        {
            await rebuilding.AskAsync(projection.Value, 1, cancellationToken);
        }

        foreach (var projection in registry.Projections)
        {
            await rebuilding.ReadyAsync(projection.Value, 1, cancellationToken);
        }

        return new Follower(program, database, worker, registry);
    }

    /// <summary>Makes all of them live, and starts a feed of each.</summary>
    public async Task StartFeedsAsync(CancellationToken cancellationToken)
    {
        var rebuilding = new Rebuilding(System);
        foreach (var projection in Registry.Projections)
        {
            await rebuilding.SwitchAsync(projection.Value, 1, cancellationToken);
            await new StartFeedCommand { Projection = projection }.RunAsync(System, new CommandContext("benchmark"), cancellationToken);
        }
    }

    /// <summary>Waits until each projection has so many rows.</summary>
    /// <exception cref="InvalidOperationException">The worker is not there any more, or does not get on.</exception>
    public async Task UntilRowsAsync(int rows, CancellationToken cancellationToken)
    {
        foreach (var version in Registry.Versions)
        {
            while (await _database.ScalarAsync<long>($"select count(*) from {version.Id.Table}", cancellationToken) < rows)
            {
                Worker.MustRun();
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await _program.DisposeAsync();
    }
}
