using System.CommandLine;
using System.Globalization;
using Projections.Operations;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands;

/// <summary><c>throttle</c>: limits how fast a version is built.</summary>
internal sealed class ThrottleVerb : StepVerb<SetThrottleCommand>
{
    private const string Off = "off";

    private readonly Argument<string> _limit = new("LIMIT") { Description = "Events a second at most, or 'off'." };

    public ThrottleVerb()
        : base(["projections throttle invoice_summary 5000", "projections throttle invoice_summary off"], nameof(SetThrottleCommand.EventsPerSecond))
    {
        _limit.Validators.Add(result =>
        {
            var text = result.Tokens[0].Value;
            if (text != Off && !(TryNumber(text, out var number) && number > 0))
            {
                result.AddError($"'{text}' is no limit: expected is a number of events a second above 0, or '{Off}'.");
            }
        });
        Arguments.Add(_limit);
    }

    protected override Command InOtherWords(SetThrottleCommand command, ParseResult arguments) =>
        command with { EventsPerSecond = TryNumber(arguments.GetRequiredValue(_limit), out var number) ? number : null };

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
