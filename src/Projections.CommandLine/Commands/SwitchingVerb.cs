using Projections.CommandLine.Commands.Databases;
using Projections.CommandLine.Terminal;
using Projections.Commands;
using Projections.Definitions;
using Projections.Switching;
using Projections.Workers;

namespace Projections.CommandLine.Commands;

/// <summary>A verb that moves reads, with a worker beside it for as long as it takes.</summary>
internal class SwitchingVerb<TCommand> : ChangeVerb<TCommand>
    where TCommand : SwitchingCommand, new()
{
    private readonly Waves _waves = new();

    public SwitchingVerb(IReadOnlyList<string> examples, VerbAttribute? words = null, params IReadOnlyCollection<string> otherWords)
        : base(examples, words, otherWords)
    {
        Options.Add(_waves.Sizes);
        Options.Add(_waves.HealthyFor);
    }

    internal override Waves? Waves => _waves;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (TCommand)CommandOf(call);
        var system = await call.OpenAsync(stop);
        ProjectionName[] projections = [command.Projection, .. command.OthersIn(system.Registry)];
        var followed = await Followers.AnyAsync(system, command.Projection, stop);
        SwitchResult result;
        await using (var worker = Worker.Start(system, projections))
        {
            foreach (var to in await FindTargetsAsync(command, system, stop))
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
        foreach (var (moved, change) in result.With.Prepend(result).Where(moved => moved.Change is not null).Select(moved => (moved, moved.Change!)))
        {
            call.Screen.Say($"For readers{(result.With.Count > 0 ? $" of '{moved.Projection}'" : "")} {ChangeText.Of(change)}.");
        }

        if (!result.AlreadyDone && result.From is not null)
        {
            call.Screen.Say($"'{WayBack(result)}' undoes it.");
        }

        if (!followed)
        {
            Followers.SayThatThereAreNone(call.Screen);
        }
    }

    private static string WayBack(SwitchResult result) =>
        string.Concat(result.With.Where(moved => !moved.AlreadyDone).Select(moved => $" --with {moved.Projection}={moved.To}").Prepend($"projections rollback {result.Projection}"));

    /// <returns>None when the command itself will say why.</returns>
    private static async Task<IReadOnlyList<VersionId>> FindTargetsAsync(TCommand command, ProjectionSystem system, CancellationToken stop)
    {
        try
        {
            return await command.FindTargetsAsync(system, stop);
        }
        catch (OperationRefused)
        {
            return [];
        }
    }
}
