using Microsoft.Extensions.Logging;
using Projections.Definitions;
using Projections.Tables;
using Projections.Workers;

namespace Projections.Host.Commands;

/// <summary><c>run</c>: a worker, until it is stopped.</summary>
internal sealed class RunVerb() : Verb(
    "run",
    "Works until Ctrl-C or SIGTERM: follows events, and builds and switches what is asked for. Any number of workers share the work.",
    "projections run",
    "projections run --memory 1024")
{
    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop, LogLevel.Information);
        await RefuseUnfitTablesAsync(system, stop);
        await using (var worker = Worker.Start(system))
        {
            call.Screen.Say($"Worker {system.Name} follows {system.Source.Identity}. Ctrl-C stops it.");
            await worker.Completion.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (worker.Completion.IsFaulted)
            {
                await worker.Completion;
            }
        }

        call.Screen.Say("Stopped; what was folded is committed.");
        return ExitCode.Done;
    }

    /// <summary>What would fail at the next rebuild is said at the start.</summary>
    private static async Task RefuseUnfitTablesAsync(ProjectionSystem system, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var errors = await TableContract.FindErrorsAsync(connection, system.Registry.Versions, cancellationToken);
        if (errors.Count > 0)
        {
            throw new RegistryInvalid(errors);
        }
    }
}
