using System.CommandLine;
using System.Globalization;
using Projections.Catalog;
using Projections.Checks;
using Projections.CommandLine.Terminal;
using Projections.Commands;
using Projections.Definitions;
using Projections.Reports;
using Projections.Scheduling;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands;

/// <summary><c>check</c>: a catch-up check now, beside the scheduled ones.</summary>
internal sealed class CheckVerb : Verb, ICommandVerb
{
    private readonly Argument<ProjectionName?> _projection = ProjectionArgument.Optional();
    private readonly CommandOptionSet<CheckCommand> _options = new();

    public CheckVerb()
        : base(
            "check",
            "Judges whether the versions keep up, and does what the section Checks of the configuration allows. Exit code 3 when one does not.",
            "projections check",
            "projections check invoice_summary --json")
    {
        Arguments.Add(_projection);
        foreach (var option in _options.All)
        {
            Options.Add(option);
        }
    }

    public Command CommandOf(ParseResult arguments) => _options.Read(arguments) with { Projection = arguments.GetValue(_projection) ?? default };

    internal override bool Folds => true;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (CheckCommand)CommandOf(call.Arguments);
        var settings = CheckSettings.Read(call.Configuration);
        var system = await call.OpenAsync(stop, Microsoft.Extensions.Logging.LogLevel.Error);
        system.Expectations = settings.CatchUp;
        IEnumerable<ProjectionName> asked = command.Projection != default ? [command.Projection] : (await system.Catalog.ReadAllAsync(stop)).Select(known => known.Name);
        var checks = new List<ProjectionCheck>();
        foreach (var projection in asked)
        {
            checks.Add(await (command with { Projection = projection }).RunAsync(system, new CommandContext(Caller), stop));
        }

        call.Screen.Answer(checks.Select(CheckReport.Of), checks.Select(List));
        return checks.All(check => check.Verdict == Verdict.Healthy) ? ExitCode.Done : ExitCode.Refused;
    }

    private static Listing List(ProjectionCheck check)
    {
        var listing = new Listing("Version", "Verdict", "State", "Position", "Lag") { Title = $"{check.Projection} is {check.Verdict.Text()}" };
        foreach (var version in check.Versions)
        {
            var name = $"v{version.Version.Number}";
            listing.Add(name, version.Verdict.Text(), version.State.Text(), version.Position?.ToString() ?? "none", Lag(version));
            foreach (var finding in version.Findings)
            {
                listing.Note($"{name} {finding}");
            }

            foreach (var action in version.Actions)
            {
                listing.Note($"{name}: {action}");
            }
        }

        return listing;
    }

    private static string Lag(CheckRecord version) => version switch
    {
        { Position: null } => "",
        { LagEvents: null } => "unknown",
        { LagEvents: 0, LagSeconds: 0 } => "none",
        _ => string.Create(CultureInfo.InvariantCulture, $"{version.LagEvents:N0} events, {DurationText.Of(TimeSpan.FromSeconds(version.LagSeconds ?? 0))}"),
    };
}
