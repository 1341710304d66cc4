using System.CommandLine;
using System.Globalization;
using Projections.Catalog;
using Projections.Checks;
using Projections.Commands;
using Projections.Definitions;
using Projections.CommandLine.Terminal;
using Projections.Reports;
using Projections.Scheduling;

namespace Projections.CommandLine.Commands;

/// <summary><c>check</c>: a catch-up check now, beside the scheduled ones.</summary>
internal sealed class CheckVerb : Verb
{
    private readonly Argument<ProjectionName?> _projection = ProjectionArgument.Optional();

    public CheckVerb()
        : base(
            "check",
            "Judges whether the versions keep up, and does what the section Checks of the configuration allows. Exit code 3 when one does not.",
            "projections check",
            "projections check invoice_summary --json") =>
        Arguments.Add(_projection);

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var settings = CheckSettings.Read(call.Configuration);
        var system = await call.OpenAsync(stop, Microsoft.Extensions.Logging.LogLevel.Error);
        var actor = new Actor($"{Environment.UserName}@{Environment.MachineName}");
        var checks = await new CheckCatchUp(system, settings.CatchUp).RunAsync(call.Arguments.GetValue(_projection), new CommandContext(actor), stop);
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
