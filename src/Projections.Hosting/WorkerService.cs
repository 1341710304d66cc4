using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Definitions;
using Projections.Workers;

namespace Projections.Hosting;

/// <summary>The worker as a part of the program that starts and stops with it.</summary>
internal sealed partial class WorkerService(ProjectionSystem system) : IHostedService, IAsyncDisposable
{
    private Worker? _worker;

    /// <summary>Completes when the worker has stopped; fails when it could not go on.</summary>
    public Task Completion => _worker?.Completion ?? Task.CompletedTask;

    /// <summary>What keeps the worker from going on with versions that are sound themselves.</summary>
    public IReadOnlyList<string> Troubles => _worker?.Troubles ?? [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var logger = system.Loggers.CreateLogger<WorkerService>();
        foreach (var error in system.Registry.Errors)
        {
            // No matter to the other declarations: they are worked on.
            LogWronglyDeclared(logger, error);
        }

        _worker = Worker.Start(system);
        return Task.CompletedTask;
    }

    /// <summary>Finishes the batches in hand, commits them, and gives the leases up.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask().WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _worker, null) is { } worker)
        {
            await worker.DisposeAsync();
        }
    }

    [LoggerMessage(731, LogLevel.Error, "A declaration is wrong. {Error}")]
    internal static partial void LogWronglyDeclared(ILogger logger, DeclarationError error);
}
