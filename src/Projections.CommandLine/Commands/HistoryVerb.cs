using System.CommandLine;
using System.Globalization;
using Projections.Definitions;
using Projections.CommandLine.Terminal;
using Projections.Reports;

namespace Projections.CommandLine.Commands;

/// <summary><c>history</c>: who changed what, when and why.</summary>
internal sealed class HistoryVerb : Verb
{
    private readonly Argument<ProjectionName> _projection = ProjectionArgument.Required();
    private readonly Option<int> _limit = new("--limit") { Description = "How many changes of state, and how many commands, to show. The default is 50.", HelpName = "N", DefaultValueFactory = _ => 50 };

    public HistoryVerb()
        : base("history", "Shows a projection's switches, its versions' changes of state and the commands that were given: who, when, from where and why; newest first.", "projections history invoice_summary")
    {
        Arguments.Add(_projection);
        Options.Add(_limit);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenForALookAsync(stop);
        var projection = call.Arguments.GetRequiredValue(_projection);
        var history = await HistoryReport.ReadAsync(system.Catalog, projection, call.Arguments.GetValue(_limit), stop);
        call.Screen.Answer(history, ListSwitches(history.Switches), ListTransitions(history.Transitions), ListCommands(history.Commands));
        return ExitCode.Done;
    }

    private static Listing ListSwitches(IReadOnlyList<SwitchLine> switches)
    {
        var listing = new Listing("When (UTC)", "Reads", "Position", "View", "Who", "Why") { Title = "Switches" };
        foreach (var record in switches)
        {
            listing.Add(
                Time(record.At), $"{(record.From is { } from ? $"v{from}" : "none")} → v{record.To}", record.Position?.ToString() ?? "", record.Manner, record.AskedBy is { } asker ? $"{record.Who}, asked by {asker}" : record.Who, record.Why ?? "");
        }

        return listing;
    }

    private static Listing ListTransitions(IReadOnlyList<TransitionLine> transitions)
    {
        var listing = new Listing("When (UTC)", "Version", "State", "Position", "Who", "Why") { Title = "States" };
        foreach (var record in transitions)
        {
            listing.Add(
                Time(record.At), $"v{record.Version}", record.From is { } from ? $"{from} → {record.To}" : record.To, record.Position?.ToString() ?? "", record.Who, record.Why ?? "");
        }

        return listing;
    }

    private static Listing ListCommands(IReadOnlyList<CommandEntry> commands)
    {
        var listing = new Listing("When (UTC)", "Command", "Outcome", "Who", "From", "Why") { Title = "Commands" };
        foreach (var record in commands)
        {
            listing.Add(Time(record.At), record.Command, record.Outcome, record.Who, record.From ?? "", record.Why ?? "");
        }

        return listing;
    }

    private static string Time(DateTime at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
