using Projections.CommandLine.Terminal;
using Projections.Verification;
using Projections.WorkOrders;

namespace Projections.CommandLine.Commands;

/// <summary><c>verify</c>: compares the rows of two versions, or those of one with its events.</summary>
internal sealed class VerifyVerb() : ChangeVerb<VerifyCommand>(
    [
        "projections verify invoice_summary",
        "projections verify invoice_summary --from 1 --to 2 --json",
        "projections verify invoice_summary --version 2 --against-events --sample 1%",
    ])
{
    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (VerifyCommand)CommandOf(call);
        var report = (await command.DoAsync(await call.OpenAsync(stop), ContextOf(call), stop)).Report;
        var (agrees, shown) = report is EventVerification events
            ? (events.Result.Agrees, VerificationText.Of(events))
            : (((VerificationReport)report).Result.Agrees, VerificationText.Of((VerificationReport)report));
        call.Screen.Answer(report, shown);
        return agrees ? ExitCode.Done : ExitCode.Refused;
    }
}
