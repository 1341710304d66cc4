using System.CommandLine;
using Projections.CommandLine.Terminal;
using Projections.Operations;
using Projections.Planning;

namespace Projections.CommandLine.Commands;

/// <summary><c>rebuild</c>: builds a version beside the live one.</summary>
internal sealed class RebuildVerb : ChangeVerb
{
    private readonly Option<int?> _to = new Option<int?>("--to") { Description = "The version; the newest when left out.", HelpName = "N" }.AtLeast(1);
    private readonly Option<SwitchMode> _switch = new("--switch") { HelpName = "auto|manual", Description = "Whether reads go to the version as soon as it is ready (auto), or when you say so (manual, the default)." };
    private readonly Option<int?> _throttle = new Option<int?>("--throttle") { Description = "Events a second at most.", HelpName = "N" }.AtLeast(1);
    private readonly Option<bool> _anew = new("--anew") { Description = "Begin anew with a version that has failed or is paused. Where it is live, reads stay on the rows that it has until you switch." };
    private readonly Option<bool> _detach = new("--detach") { Description = "Only ask for it; a worker ('projections run') does the work." };

    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only rehearse it on a part of the streams, and tell what it would be like." };
    private readonly Option<double> _sample = ShareOption.Create("--sample", "Which part of the streams to rehearse, such as 5%. All when left out.");

    public RebuildVerb()
        : base(
            "rebuild",
            "Builds a version's table from history beside the live one, and keeps it current. Ctrl-C stops it; the same command goes on.",
            "projections rebuild invoice_summary --to 2",
            "projections rebuild invoice_summary --to 2 --switch auto --why \"amounts to the cent\"",
            "projections rebuild invoice_summary --throttle 5000 --detach",
            "projections rebuild invoice_summary --to 2 --dry-run --sample 5%")
    {
        Options.Add(_to);
        Options.Add(_switch);
        Options.Add(_throttle);
        Options.Add(_anew);
        Options.Add(_detach);
        Options.Add(_dryRun);
        Options.Add(_sample);
    }

    private enum SwitchMode
    {
        Manual,
        Auto,
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        if (call.Arguments.GetValue(_dryRun))
        {
            return await RehearseAsync(call, system, stop);
        }

        var untilLive = call.Arguments.GetValue(_switch) == SwitchMode.Auto;
        var (projection, to, throttle) = (ProjectionOf(call), call.Arguments.GetValue(_to), call.Arguments.GetValue(_throttle));
        var result = await (call.Arguments.GetValue(_anew)
            ? new BeginAnew(system).RunAsync(projection, to, untilLive, throttle, ContextOf(call), stop)
            : new Rebuild(system).RunAsync(projection, to, untilLive, throttle, ContextOf(call), stop));
        if (call.Arguments.GetValue(_detach))
        {
            return OperationAnswer.Give(call, result);
        }

        call.Screen.Say(result.Outcome);
        return await new InlineBuild(call, system, result.Version, untilLive).RunAsync(stop);
    }

    private async Task<int> RehearseAsync(Invocation call, ProjectionSystem system, CancellationToken stop)
    {
        var report = await new DryRun(system).RunAsync(ProjectionOf(call), call.Arguments.GetValue(_to), call.Arguments.GetValue(_sample), stop);
        call.Screen.Answer(report, PlanText.Of(report));
        return report.Failures.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }
}
