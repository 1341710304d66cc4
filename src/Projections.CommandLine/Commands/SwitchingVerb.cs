using Projections.Definitions;
using Projections.CommandLine.Terminal;
using Projections.Operations;
using Projections.Reports;
using Projections.Switching;
using Projections.Workers;

namespace Projections.CommandLine.Commands;

/// <summary>A command that moves reads, with a worker beside it for as long as it takes.</summary>
internal abstract class SwitchingVerb : ChangeVerb
{
    private readonly SwitchOptionSet _options = new();

    protected SwitchingVerb(string name, string description, params IReadOnlyList<string> examples)
        : base(name, description, examples) =>
        _options.AddTo(this);

    /// <summary>The version that reads are to go to.</summary>
    protected abstract Task<VersionId> FindTargetAsync(Invocation call, ProjectionSystem system, CancellationToken stop);

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        var options = _options.Of(call.Arguments);
        var to = await FindTargetAsync(call, system, stop);
        var followed = await Followers.AnyAsync(system, to.Projection, stop);
        SwitchResult result;
        await using (var worker = Worker.Start(system, to.Projection))
        {
            await new SwitchReadiness(system, to, worker.Completion).WaitAsync(options.Patience, stop);
            result = await new SwitchReads(system).RunAsync(to.Projection, to.Number, options, ContextOf(call), stop);
        }

        Answer(call, result, followed);
        return ExitCode.Done;
    }

    private static void Answer(Invocation call, SwitchResult result, bool followed)
    {
        var report = SwitchReport.Of(result);
        call.Screen.Answer(report, report.Outcome);
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
