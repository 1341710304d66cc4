using System.CommandLine;
using System.Globalization;
using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>throttle</c>: limits how fast a version is built.</summary>
internal sealed class ThrottleVerb : ChangeVerb
{
    private const string Off = "off";

    private readonly Argument<string> _limit = new("LIMIT") { Description = "Events a second at most, or 'off'." };
    private readonly Option<int?> _version = CommonOptions.Version();

    public ThrottleVerb()
        : base(
            "throttle",
            "Limits how many events a second a version that is being built may take; obeyed within a second or two.",
            "projections throttle invoice_summary 5000",
            "projections throttle invoice_summary off")
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
        Options.Add(_version);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        int? limit = TryNumber(call.Arguments.GetRequiredValue(_limit), out var number) ? number : null;
        return OperationAnswer.Give(call, await new SetThrottle(system).RunAsync(ProjectionOf(call), call.Arguments.GetValue(_version), limit, ContextOf(call), stop));
    }

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
