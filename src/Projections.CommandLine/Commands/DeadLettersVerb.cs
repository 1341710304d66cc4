using System.CommandLine;
using System.Globalization;
using Projections.Catalog;
using Projections.CommandLine.Terminal;
using Projections.Commands;
using Projections.Operations;
using Projections.Reports;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands;

/// <summary><c>dead-letters</c>: the events that a version set aside, and what is to become of them.</summary>
internal sealed class DeadLettersVerb : ChangeVerb<RetryDeadLettersCommand>
{
    private const int MostListed = 1000;

    private readonly Argument<Decision> _decision = new("ACTION") { HelpName = "list|retry|discard", Description = "What to do.", DefaultValueFactory = _ => Decision.List };

    public DeadLettersVerb()
        : base(
            [
                "projections dead-letters invoice_summary",
                "projections dead-letters invoice_summary retry --version 2",
                "projections dead-letters invoice_summary discard --position 561400 --why \"test data\"",
            ],
            new VerbAttribute("dead-letters", "Lists the events that a version could not handle and set aside, has them retried by whoever follows the version, or discards them.")) =>
        Arguments.Add(_decision);

    private enum Decision
    {
        List,
        Retry,
        Discard,
    }

    protected override Command InOtherWords(RetryDeadLettersCommand command, ParseResult arguments) => arguments.GetValue(_decision) == Decision.Discard
        ? new DiscardDeadLettersCommand { Version = command.Version, Position = command.Position, Why = command.Why }
        : command;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (DeadLettersCommand)CommandOf(call);
        var system = await call.OpenAsync(stop);
        if (call.Arguments.GetValue(_decision) == Decision.List)
        {
            var found = await new ListDeadLetters(system).RunAsync(command.Projection, command.Version, MostListed, stop);
            Show(call, [.. found.Where(letter => command.Position is null || letter.Event.Position == command.Position)]);
            return ExitCode.Done;
        }

        var code = Answer(call, await command.RunAsync(system, ContextOf(call), stop));
        if (command is RetryDeadLettersCommand && !await Followers.AnyAsync(system, command.Projection, stop))
        {
            Followers.SayThatThereAreNone(call.Screen);
        }

        return code;
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
