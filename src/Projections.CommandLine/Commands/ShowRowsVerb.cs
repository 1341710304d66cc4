using Projections.CommandLine.Terminal;
using Projections.Verification;

namespace Projections.CommandLine.Commands;

/// <summary><c>show-rows</c>: the rows that a comparison found to differ, with their values.</summary>
internal sealed class ShowRowsVerb() : ChangeVerb<ShowRowsCommand>(
    [
        "projections show-rows invoice_summary",
        "projections show-rows invoice_summary --to 2 --why \"a customer asks\" --json",
    ])
{
    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (ShowRowsCommand)CommandOf(call);
        var shown = await command.RunAsync(await call.OpenAsync(stop), ContextOf(call), stop);
        call.Screen.Answer(shown, VerificationText.Of(shown));
        return ExitCode.Done;
    }
}
