using System.CommandLine;
using System.Globalization;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Host.Terminal;

namespace Projections.Host.Commands;

/// <summary><c>history</c>: who changed what, when and why.</summary>
internal sealed class HistoryVerb : Verb
{
    private readonly Argument<ProjectionName> _projection = ProjectionArgument.Required();
    private readonly Option<int> _limit = new("--limit") { Description = "How many changes of state to show. The default is 50.", HelpName = "N", DefaultValueFactory = _ => 50 };

    public HistoryVerb()
        : base("history", "Shows a projection's switches and its versions' changes of state: who, when and why; newest first.", "projections history invoice_summary")
    {
        Arguments.Add(_projection);
        Options.Add(_limit);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        var projection = call.Arguments.GetRequiredValue(_projection);
        var transitions = await system.Catalog.ReadTransitionsAsync(projection, call.Arguments.GetValue(_limit), stop);
        var switches = await SwitchHistory.ReadAsync(system.Catalog, projection, stop);
        call.Screen.Answer(Document(projection, transitions, switches), ListSwitches(switches), ListTransitions(transitions));
        return ExitCode.Done;
    }

    private static object Document(ProjectionName projection, IReadOnlyList<TransitionRecord> transitions, IReadOnlyList<SwitchRecord> switches) => new
    {
        Projection = projection,
        Switches = switches.Select(record => new { record.Generation, record.From, record.To, record.Position, record.Manner, record.Attempts, record.Actor.Who, record.Actor.Why, record.At }),
        Transitions = transitions.Select(record => new { Version = record.Version.Number, From = record.From?.Text(), To = record.To.Text(), record.Position, record.Actor.Who, record.Actor.Why, record.At }),
    };

    private static Listing ListSwitches(IReadOnlyList<SwitchRecord> switches)
    {
        var listing = new Listing("When (UTC)", "Reads", "Position", "View", "Who", "Why") { Title = "Switches" };
        foreach (var record in switches)
        {
            listing.Add(
                Time(record.At), $"{(record.From is { } from ? $"v{from}" : "none")} → v{record.To}", record.Position?.ToString() ?? "", record.Manner, record.Actor.Who, record.Actor.Why ?? "");
        }

        return listing;
    }

    private static Listing ListTransitions(IReadOnlyList<TransitionRecord> transitions)
    {
        var listing = new Listing("When (UTC)", "Version", "State", "Position", "Who", "Why") { Title = "States" };
        foreach (var record in transitions)
        {
            listing.Add(
                Time(record.At), $"v{record.Version.Number}", record.From is { } from ? $"{from.Text()} → {record.To.Text()}" : record.To.Text(), record.Position?.ToString() ?? "", record.Actor.Who, record.Actor.Why ?? "");
        }

        return listing;
    }

    private static string Time(DateTime at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
