using System.CommandLine;
using System.CommandLine.Parsing;
using Projections.CommandLine.Commands.Databases;
using Projections.CommandLine.Terminal;
using Projections.Commands;
using Projections.Definitions;
using Projections.Operations;
using Projections.Planning;
using Projections.Reports;
using Projections.WorkOrders;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands;

/// <summary><c>rebuild</c>: builds a version beside the live one, or versions of several projections, which read history together.</summary>
internal sealed class RebuildVerb : ChangeVerb<RebuildCommand>
{
    private readonly Option<SwitchMode> _switch = new("--switch") { HelpName = "auto|manual", Description = "Whether reads go to the version as soon as it is ready (auto), or when you say so (manual, the default)." };
    private readonly Argument<ProjectionName[]> _others = ProjectionArgument.Others("Further projections; all of them read history together.");
    private readonly Option<bool> _all = new("--all") { Description = "All projections, each in its newest version." };
    private readonly Option<bool> _detach = CommonOptions.Detach();
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only rehearse it on a part of the streams, and tell what it would be like." };
    private readonly Waves _waves = new();
    private readonly Option<double> _sample = ShareOption.Create("--sample", "Which part of the streams to rehearse, such as 5%. All when left out.");

    public RebuildVerb()
        : base(
            [
                "projections rebuild invoice_summary --to 2",
                "projections rebuild invoice_summary --to 2 --switch auto --why \"amounts to the cent\"",
                "projections rebuild invoice_summary --throttle 5000 --detach",
                "projections rebuild invoice_summary --to 2 --dry-run --sample 5%",
                "projections rebuild invoice_summary --shards 4",
                "projections rebuild invoice_summary open_items",
                "projections rebuild --all --detach",
                "projections rebuild invoice_summary --to 2 --detach --all-databases --wave 1,10%,rest --healthy-for 5m",
            ],
            new VerbAttribute("rebuild", "Builds a version's table from history beside the live one, and keeps it current. Ctrl-C stops it; the same command goes on."),
            nameof(RebuildCommand.SwitchWhenReady),
            nameof(RebuildCommand.With))
    {
        Projection.Arity = ArgumentArity.ZeroOrOne;
        Arguments.Add(_others);
        Options.Add(_all);
        Options.Add(_switch);
        Options.Add(_detach);
        Options.Add(_dryRun);
        Options.Add(_sample);
        Options.Add(_waves.Sizes);
        Options.Add(_waves.HealthyFor);
        Validators.Add(RefuseMixture);
    }

    private enum SwitchMode
    {
        Manual,
        Auto,
    }

    internal override Waves? Waves => _waves;

    protected override Command InOtherWords(RebuildCommand command, ParseResult arguments) => arguments.GetValue(_dryRun)
        ? new DryRunCommand { To = command.To, Sample = arguments.GetValue(_sample), Why = command.Why }
        : command with
        {
            SwitchWhenReady = arguments.GetValue(_switch) == SwitchMode.Auto,
            With = [.. (arguments.GetValue(_others) ?? []).Select(other => other.Value)],
        };

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        if (IsOfMany(call.Arguments.GetValue(_all), call.Arguments.GetValue(_others)))
        {
            return await RebuildManyAsync(call, stop);
        }

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
        return await new InlineBuild(call, system, [result.Version], command.SwitchWhenReady).RunAsync(stop);
    }

    private static bool IsOfMany(bool all, ProjectionName[]? others) => all || others is { Length: > 0 };

    private void RefuseMixture(CommandResult given)
    {
        var named = given.GetResult(Projection) is { Tokens.Count: > 0 };
        var all = given.GetValue(_all);
        var isOfMany = all || given.GetResult(_others) is { Tokens.Count: > 0 };
        if (named == all)
        {
            given.AddError(all ? "Name projections, or say --all." : "Say which projections are meant, or --all.");
        }
        else if (isOfMany && given.Children.OfType<OptionResult>().FirstOrDefault(option => !option.Implicit && IsOfOne(option.Option)) is { } single)
        {
            given.AddError($"{single.Option.Name} is for one projection at a time.");
        }
    }

    private bool IsOfOne(Option option) => option == _dryRun || option == _sample || option == CommandId || option.Name == "--to";

    private async Task<int> RebuildManyAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        IEnumerable<ProjectionName> names = call.Arguments.GetValue(_all)
            ? system.Registry.Projections
            : [call.Arguments.GetRequiredValue(Projection), .. call.Arguments.GetRequiredValue(_others)];
        // Each by itself: one that is refused keeps nobody else from being rebuilt.
        var commands = names.Distinct().Select(name => (RebuildCommand)CommandOf(call, name) with { With = [] }).ToList();
        var asked = new List<OperationResult>();
        var refused = new List<OperationRefused>();
        foreach (var command in commands)
        {
            try
            {
                asked.Add(await command.RunAsync(system, ContextOf(call), stop));
                call.Screen.Say(asked[^1].Outcome);
            }
            catch (OperationRefused refusal)
            {
                refused.Add(refusal);
            }
        }

        var done = call.Arguments.GetValue(_detach)
            ? AnswerAll(call, asked)
            : asked.Count == 0 ? ExitCode.Done : await new InlineBuild(call, system, asked.ConvertAll(one => one.Version), commands[0].SwitchWhenReady).RunAsync(stop);
        return refused.Count == 0 ? done : throw new OperationRefused(string.Join('\n', refused.Select(refusal => refusal.Message)));
    }

    private static int AnswerAll(Invocation call, List<OperationResult> results)
    {
        if (call.Screen.IsJson)
        {
            call.Screen.Answer(results.ConvertAll(OperationReport.Of), "");
        }

        return ExitCode.Done;
    }

    private async Task<int> RehearseAsync(Invocation call, DryRunCommand command, ProjectionSystem system, CancellationToken stop)
    {
        var report = (DryRunReport)(await command.DoAsync(system, ContextOf(call), stop)).Report;
        call.Screen.Answer(report, PlanText.Of(report));
        return report.Failures.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }
}
