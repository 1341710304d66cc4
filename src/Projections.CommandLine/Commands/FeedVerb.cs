using System.CommandLine;
using System.Text;
using Projections.Catalog.Feeds;
using Projections.CommandLine.Terminal;
using Projections.Commands;
using Projections.Feeds;
using Projections.Operations;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands;

/// <summary><c>feed</c>: what becomes of the rows that readers of a projection see, on and off, and line by line.</summary>
internal sealed class FeedVerb : ChangeVerb<StartFeedCommand>
{
    private readonly Argument<Decision> _decision = new("ACTION") { HelpName = "read|start|stop", Description = "What to do.", DefaultValueFactory = _ => Decision.Read };

    private readonly Option<FeedStart?> _after = new("--after")
    {
        Description = "With read: behind which position, or which message (by its cursor), to begin; with all rows as they are now when left out.",
        HelpName = "POSITION|CURSOR",
        CustomParser = result =>
        {
            if (FeedStart.TryParse(result.Tokens[0].Value, out var start))
            {
                return start;
            }

            result.AddError($"--after is '{result.Tokens[0].Value}', but expected is a position such as 561400 or 8812/8790, or a message's cursor such as 8812-0-3.");
            return null;
        },
    };

    private readonly Option<bool> _once = new("--once") { Description = "With read: end at what there is now, and do not wait for more." };

    public FeedVerb()
        : base(
            [
                "projections feed invoice_summary start --keep 3d",
                "projections feed invoice_summary --after 561400",
                "projections feed invoice_summary --once",
                "projections feed invoice_summary stop",
            ],
            new VerbAttribute("feed", "Reads what becomes of the rows that readers of a projection see, a line of JSON a message, until Ctrl+C; starts or ends that feed."))
    {
        Arguments.Add(_decision);
        Options.Add(_after);
        Options.Add(_once);
    }

    private enum Decision
    {
        Read,
        Start,
        Stop,
    }

    protected override Command InOtherWords(StartFeedCommand command, ParseResult arguments) =>
        arguments.GetValue(_decision) == Decision.Stop ? new StopFeedCommand { Why = command.Why } : command;

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = CommandOf(call);
        var system = await call.OpenAsync(stop);
        if (call.Arguments.GetValue(_decision) != Decision.Read)
        {
            return Answer(call, await ((Command<OperationResult>)command).RunAsync(system, ContextOf(call), stop));
        }

        try
        {
            var start = call.Arguments.GetValue(_after) ?? FeedStart.Snapshot;
            await foreach (var message in new FeedReader(system, command.Projection).ReadAsync(start, call.Arguments.GetValue(_once), stop))
            {
                await call.Screen.Out.WriteLineAsync(LineOf(message).AsMemory(), stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // That is how it ends.
        }

        return ExitCode.Done;
    }

    /// <summary><c>{"kind":"changes","cursor":"8812-0-3","message":{…}}</c>.</summary>
    private static string LineOf(FeedMessage message) =>
        $"{{\"kind\":\"{message.Name}\",\"cursor\":{(message.Cursor is { } cursor ? $"\"{cursor}\"" : "null")},\"message\":{Encoding.UTF8.GetString(message.Json.Span)}}}";
}
