using System.CommandLine;
using Projections.CommandLine.Terminal;
using Projections.Verification;

namespace Projections.CommandLine.Commands;

/// <summary><c>verify</c>: compares the rows of two versions, or those of one with its events.</summary>
internal sealed class VerifyVerb : ChangeVerb
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);

    private readonly Option<int?> _from = new Option<int?>("--from") { Description = "One version; the live one when left out.", HelpName = "N" }.AtLeast(1);
    private readonly Option<int?> _to = new Option<int?>("--to") { Description = "The other; the newest when left out.", HelpName = "N" }.AtLeast(1);
    private readonly Option<TimeSpan> _patience = CommonOptions.Duration("--patience", "How long to wait until both are at the same position. The default is 30s.", DefaultPatience);
    private readonly Option<bool> _againstEvents = new("--against-events") { Description = "Compare one version with a fold of its own events." };
    private readonly Option<int?> _version = CommonOptions.Version();
    private readonly Option<double> _sample = ShareOption.Create("--sample", "Which part of the rows to compare with their events, such as 1%. All when left out.");

    public VerifyVerb()
        : base(
            "verify",
            "Compares two versions row by row at the same position, without stopping either; or one with its events. Exit code 3 when they differ.",
            "projections verify invoice_summary",
            "projections verify invoice_summary --from 1 --to 2 --json",
            "projections verify invoice_summary --version 2 --against-events --sample 1%")
    {
        foreach (Option option in (Option[])[_from, _to, _patience, _againstEvents, _version, _sample])
        {
            Options.Add(option);
        }
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        return call.Arguments.GetValue(_againstEvents) ? await AgainstEventsAsync(call, system, stop) : await VersionsAsync(call, system, stop);
    }

    private async Task<int> VersionsAsync(Invocation call, ProjectionSystem system, CancellationToken stop)
    {
        var report = await new Verify(system).RunAsync(
            ProjectionOf(call), call.Arguments.GetValue(_from), call.Arguments.GetValue(_to), call.Arguments.GetValue(_patience), ContextOf(call), stop);
        call.Screen.Answer(report, VerificationText.Of(report));
        return report.Result.Agrees ? ExitCode.Done : ExitCode.Refused;
    }

    private async Task<int> AgainstEventsAsync(Invocation call, ProjectionSystem system, CancellationToken stop)
    {
        var report = await new VerifyAgainstEvents(system).RunAsync(ProjectionOf(call), call.Arguments.GetValue(_version), call.Arguments.GetValue(_sample), stop);
        call.Screen.Answer(report, VerificationText.Of(report));
        return report.Result.Agrees ? ExitCode.Done : ExitCode.Refused;
    }
}
