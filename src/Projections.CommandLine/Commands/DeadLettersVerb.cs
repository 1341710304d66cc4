using System.CommandLine;
using System.Globalization;
using Projections.Catalog;
using Projections.Events;
using Projections.CommandLine.Terminal;
using Projections.Operations;
using Projections.Reports;

namespace Projections.CommandLine.Commands;

/// <summary><c>dead-letters</c>: the events that a version set aside, and what is to become of them.</summary>
internal sealed class DeadLettersVerb : ChangeVerb
{
    private const int MostListed = 1000;

    private readonly Argument<Decision> _decision = new("ACTION") { HelpName = "list|retry|discard", Description = "What to do.", DefaultValueFactory = _ => Decision.List };
    private readonly Option<int?> _version = CommonOptions.Version();
    private readonly Option<EventPosition?> _position = PositionOption.Create("--position", "Only the event at this position.");

    public DeadLettersVerb()
        : base(
            "dead-letters",
            "Lists the events that a version could not handle and set aside, has them retried by whoever follows the version, or discards them.",
            "projections dead-letters invoice_summary",
            "projections dead-letters invoice_summary retry --version 2",
            "projections dead-letters invoice_summary discard --position 561400 --why \"test data\"")
    {
        Arguments.Add(_decision);
        Options.Add(_version);
        Options.Add(_position);
    }

    private enum Decision
    {
        List,
        Retry,
        Discard,
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        var letters = new DecideDeadLetters(system);
        var version = call.Arguments.GetValue(_version);
        var position = call.Arguments.GetValue(_position);
        switch (call.Arguments.GetValue(_decision))
        {
            case Decision.Retry:
                var code = OperationAnswer.Give(call, await letters.RetryAsync(ProjectionOf(call), version, position, ContextOf(call), stop));
                if (!await Followers.AnyAsync(system, ProjectionOf(call), stop))
                {
                    Followers.SayThatThereAreNone(call.Screen);
                }

                return code;
            case Decision.Discard:
                return OperationAnswer.Give(call, await letters.DiscardAsync(ProjectionOf(call), version, position, ContextOf(call), stop));
            default:
                var found = await letters.ListAsync(ProjectionOf(call), version, MostListed, stop);
                Show(call, [.. found.Where(letter => position is null || letter.Event.Position == position)]);
                return ExitCode.Done;
        }
    }

    private static void Show(Invocation call, IReadOnlyList<DeadLetter> letters)
    {
        if (letters.Count == 0)
        {
            call.Screen.Answer(Array.Empty<object>(), "There are no dead letters.");
            return;
        }

        var listing = new Listing("Version", "Position", "Stream", "Type", "Status", "Tries", "Error");
        foreach (var letter in letters)
        {
            listing.Add(
                string.Create(CultureInfo.InvariantCulture, $"v{letter.Version.Number}"),
                letter.Event.Position.ToString(),
                letter.Event.Stream,
                letter.Event.Type,
                Status(letter),
                letter.Attempts.ToString(CultureInfo.InvariantCulture),
                letter.Event.Error);
        }

        call.Screen.Answer(letters.Select(DeadLetterReport.Of).ToList(), listing);
    }

    private static string Status(DeadLetter letter) =>
        letter.DecidedBy is { } who ? $"{letter.Status.ToString().ToLowerInvariant()} ({who})" : letter.Status.ToString().ToLowerInvariant();
}
