using System.CommandLine;
using Projections.CommandLine.Terminal;
using Projections.Commands;
using Projections.Operations;
using Projections.Planning;
using Projections.WorkOrders;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands;

/// <summary><c>rebuild</c>: builds a version beside the live one.</summary>
internal sealed class RebuildVerb : ChangeVerb<RebuildCommand>
{
    private readonly Option<SwitchMode> _switch = new("--switch") { HelpName = "auto|manual", Description = "Whether reads go to the version as soon as it is ready (auto), or when you say so (manual, the default)." };
    private readonly Option<bool> _detach = CommonOptions.Detach();
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only rehearse it on a part of the streams, and tell what it would be like." };
    private readonly Option<double> _sample = ShareOption.Create("--sample", "Which part of the streams to rehearse, such as 5%. All when left out.");

    public RebuildVerb()
        : base(
            [
                "projections rebuild invoice_summary --to 2",
                "projections rebuild invoice_summary --to 2 --switch auto --why \"amounts to the cent\"",
                "projections rebuild invoice_summary --throttle 5000 --detach",
                "projections rebuild invoice_summary --to 2 --dry-run --sample 5%",
            ],
            new VerbAttribute("rebuild", "Builds a version's table from history beside the live one, and keeps it current. Ctrl-C stops it; the same command goes on."),
            nameof(RebuildCommand.SwitchWhenReady))
    {
        Options.Add(_switch);
        Options.Add(_detach);
        Options.Add(_dryRun);
        Options.Add(_sample);
    }

    private enum SwitchMode
    {
        Manual,
        Auto,
    }

    protected override Command InOtherWords(RebuildCommand command, ParseResult arguments) => arguments.GetValue(_dryRun)
        ? new DryRunCommand { To = command.To, Sample = arguments.GetValue(_sample), Why = command.Why }
        : command with { SwitchWhenReady = arguments.GetValue(_switch) == SwitchMode.Auto };

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var asked = CommandOf(call);
        var system = await call.OpenAsync(stop);
        if (asked is DryRunCommand rehearsal)
        {
            return await RehearseAsync(call, rehearsal, system, stop);
        }

        var command = (RebuildCommand)asked;
        var result = await command.RunAsync(system, ContextOf(call), stop);
        if (call.Arguments.GetValue(_detach))
        {
            return Answer(call, result);
        }

        call.Screen.Say(result.Outcome);
        return await new InlineBuild(call, system, result.Version, command.SwitchWhenReady).RunAsync(stop);
    }

    private async Task<int> RehearseAsync(Invocation call, DryRunCommand command, ProjectionSystem system, CancellationToken stop)
    {
        var report = (DryRunReport)(await command.DoAsync(system, ContextOf(call), stop)).Report;
        call.Screen.Answer(report, PlanText.Of(report));
        return report.Failures.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }
}
