using System.CommandLine;
using System.Globalization;
using Projections.Catalog.Reactions;
using Projections.CommandLine.Terminal;
using Projections.Commands;
using Projections.Events;
using Projections.Operations;
using Projections.Reports;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands;

/// <summary><c>reactions</c>: the messages that follow from a projection's events, on and off, and what could not be reacted to.</summary>
internal sealed class ReactionsVerb : ChangeVerb<StartReactionsCommand>
{
    private const int MostListed = 1000;

    private readonly Argument<Decision> _decision = new("ACTION") { HelpName = "list|start|stop|retry|discard", Description = "What to do.", DefaultValueFactory = _ => Decision.List };

    private readonly Option<EventPosition?> _position = PositionOption.Create("--position", "With retry and discard: the position of one event; all that wait when left out.");

    public ReactionsVerb()
        : base(
            [
                "projections reactions invoice_summary",
                "projections reactions invoice_summary start --reaction receipt_mail",
                "projections reactions invoice_summary retry --position 561400",
                "projections reactions invoice_summary discard --position 561400 --why \"the customer was called\"",
            ],
            new VerbAttribute("reactions", "Lists a projection's reactions and the events that they could not react to; starts them, ends them, has them try those events once more, or decides that those have no messages."))
    {
        Arguments.Add(_decision);
        Options.Add(_position);
    }

    private enum Decision
    {
        List,
        Start,
        Stop,
        Retry,
        Discard,
    }

    protected override Command InOtherWords(StartReactionsCommand command, ParseResult arguments) => arguments.GetValue(_decision) switch
    {
        Decision.Stop => new StopReactionsCommand { Reaction = command.Reaction, Why = command.Why },
        Decision.Retry => new RetryReactionsCommand { Reaction = command.Reaction, Position = arguments.GetValue(_position), Why = command.Why },
        Decision.Discard => new DiscardReactionsCommand { Reaction = command.Reaction, Position = arguments.GetValue(_position), Why = command.Why },
        _ => command,
    };

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (ReactionsCommand)CommandOf(call);
        var system = await call.OpenAsync(stop);
        if (call.Arguments.GetValue(_decision) != Decision.List)
        {
            return Answer(call, await command.RunAsync(system, ContextOf(call), stop));
        }

        var reactions = (await ReactionReport.ReadAsync(system, stop)).GetValueOrDefault(command.Projection, []);
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        var letters = await ReactionLetters.ReadAsync(connection, command.Projection, command.Reaction, call.Arguments.GetValue(_position), MostListed, stop);
        Show(call, [.. reactions.Where(reaction => command.Reaction is null || reaction.Reaction == command.Reaction)], letters);
        return ExitCode.Done;
    }

    private static void Show(Invocation call, IReadOnlyList<ReactionReport> reactions, IReadOnlyList<ReactionLetter> letters)
    {
        if (reactions.Count == 0)
        {
            call.Screen.Answer(reactions, "There are no reactions.");
            return;
        }

        if (letters.Count == 0)
        {
            call.Screen.Answer(reactions, string.Join(Environment.NewLine, reactions.Select(ReactionText.Of)));
            return;
        }

        var listing = new Listing("Reaction", "Position", "Stream", "Type", "Status", "Tries", "Error");
        foreach (var letter in letters)
        {
            listing.Add(
                letter.Reaction, letter.Event.Position.ToString(), letter.Event.Stream, letter.Event.Type, Status(letter), letter.Attempts.ToString(CultureInfo.InvariantCulture), letter.Event.Error);
        }

        foreach (var reaction in reactions)
        {
            listing.Note(ReactionText.Of(reaction));
        }

        call.Screen.Answer(reactions, listing);
    }

    private static string Status(ReactionLetter letter) =>
        letter.DiscardedBy is { } by ? $"discarded ({by.Who}{(by.Why is { } why ? $": {why}" : "")})" : "waiting";
}
