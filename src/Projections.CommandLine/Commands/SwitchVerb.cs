using Projections.CommandLine.Terminal;
using Projections.Commands;
using Projections.Definitions;
using Projections.Operations;
using Projections.Switching;
using Projections.Workers;

namespace Projections.CommandLine.Commands;

/// <summary>A verb that moves reads, with a worker beside it for as long as it takes.</summary>
internal abstract class SwitchingVerb<TCommand>(params IReadOnlyList<string> examples) : ChangeVerb<TCommand>(examples)
    where TCommand : SwitchingCommand, new()
{
    /// <summary>The version that reads are to go to; <c>null</c> when there is none, as the command itself says then.</summary>
    protected abstract Task<VersionId?> FindTargetAsync(TCommand command, ProjectionSystem system, CancellationToken stop);

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (TCommand)CommandOf(call);
        var system = await call.OpenAsync(stop);
        var followed = await Followers.AnyAsync(system, command.Projection, stop);
        SwitchResult result;
        await using (var worker = Worker.Start(system, command.Projection))
        {
            if (await FindTargetAsync(command, system, stop) is { } to)
            {
                await new SwitchReadiness(system, to, worker.Completion).WaitAsync(command.Patience, stop);
            }

            result = await command.RunAsync(system, ContextOf(call), stop);
        }

        Answer(call, result, followed);
        return ExitCode.Done;
    }

    private static void Answer(Invocation call, SwitchResult result, bool followed)
    {
        call.Screen.Answer(result, result.Outcome);
        if (result.Change is { } change)
        {
            call.Screen.Say($"For readers {ChangeText.Of(change)}.");
        }

        if (!result.AlreadyDone && result.From is not null)
        {
            call.Screen.Say($"'projections rollback {result.Projection}' undoes it.");
        }

        if (!followed)
        {
            Followers.SayThatThereAreNone(call.Screen);
        }
    }
}

/// <summary><c>switch</c>: moves reads to another version.</summary>
internal sealed class SwitchVerb() : SwitchingVerb<SwitchCommand>(
    "projections switch invoice_summary --to 2",
    "projections switch invoice_summary --to 2 --keep-contract",
    "projections switch invoice_summary --to 2 --lock-timeout 100ms --patience 5m")
{
    protected override Task<VersionId?> FindTargetAsync(SwitchCommand command, ProjectionSystem system, CancellationToken stop) =>
        Task.FromResult<VersionId?>(new VersionId(command.Projection, command.To));
}

/// <summary><c>rollback</c>: moves reads back to the version before.</summary>
internal sealed class RollbackVerb() : SwitchingVerb<RollbackCommand>("projections rollback invoice_summary --why \"report X reads a column that is gone\"")
{
    protected override async Task<VersionId?> FindTargetAsync(RollbackCommand command, ProjectionSystem system, CancellationToken stop)
    {
        try
        {
            return await new SwitchReads(system).FindPreviousAsync(command.Projection, stop);
        }
        catch (OperationRefused)
        {
            return null;
        }
    }
}
