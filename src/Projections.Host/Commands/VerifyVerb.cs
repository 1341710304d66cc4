using System.CommandLine;
using Projections.Host.Terminal;
using Projections.Operations;

namespace Projections.Host.Commands;

/// <summary><c>verify</c>: compares the rows of two versions.</summary>
internal sealed class VerifyVerb : ChangeVerb
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);

    private readonly Option<int?> _from = new Option<int?>("--from") { Description = "One version; the live one when left out.", HelpName = "N" }.AtLeast(1);
    private readonly Option<int?> _to = new Option<int?>("--to") { Description = "The other; the newest when left out.", HelpName = "N" }.AtLeast(1);
    private readonly Option<TimeSpan> _patience = CommonOptions.Duration("--patience", "How long to wait until both are at the same position. The default is 30s.", DefaultPatience);

    public VerifyVerb()
        : base(
            "verify",
            "Compares two versions row by row at the same position, without stopping either. Exit code 3 when they differ.",
            "projections verify invoice_summary",
            "projections verify invoice_summary --from 1 --to 2 --json")
    {
        Options.Add(_from);
        Options.Add(_to);
        Options.Add(_patience);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        var report = await new Verify(system).RunAsync(
            ProjectionOf(call), call.Arguments.GetValue(_from), call.Arguments.GetValue(_to), call.Arguments.GetValue(_patience), ContextOf(call), stop);
        call.Screen.Answer(report, VerificationText.Listings(report));
        return report.Result.Agrees ? ExitCode.Done : ExitCode.Refused;
    }
}
