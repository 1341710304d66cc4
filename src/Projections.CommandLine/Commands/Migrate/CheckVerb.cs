using System.CommandLine;
using Projections.Migrations.Safety;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate check</c>: judges pending migrations before they run.</summary>
internal sealed class CheckVerb : MigrationVerb
{
    private readonly Option<long?> _from = new("--from") { Description = "Take all migrations up to this one as applied and judge the later ones. The default is to look into the database.", HelpName = "N" };
    private readonly Option<long?> _to = new("--to") { Description = "The last migration to judge. The default is all.", HelpName = "N" };
    private readonly Option<string?> _against = new("--against") { Description = "Connection string of the database whose table sizes count.", HelpName = "CONNECTION" };
    private readonly Option<bool> _annotations = new("--annotations") { Description = "Print the findings as annotations of a CI pipeline (GitHub's form)." };
    private readonly Option<bool> _signOff = new("--sign-off") { Description = "Keep the verdict in the service's database, if nothing is unsafe: what is signed off may be applied without a check." };
    private readonly CopyOptionSet _copy = new();

    public CheckVerb()
        : base(
            "check",
            "Runs pending migrations, and their way back, on a throw-away copy, and says what would block readers or writers, break running code, or hurt later.",
            "projections migrate check --service billing",
            "projections migrate check --service billing --from 5 --copy migrations --annotations",
            "projections migrate check --service billing --sign-off")
    {
        Options.Add(_from);
        Options.Add(_to);
        Options.Add(_against);
        Options.Add(_annotations);
        Options.Add(_signOff);
        _copy.AddTo(this);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var options = Migrations.Of(call.Arguments);
        var request = new SafetyRequest
        {
            Database = Migrations.FindDatabase(call, options.Service),
            AppliedTo = call.Arguments.GetValue(_from),
            To = call.Arguments.GetValue(_to),
            Against = ConnectionOption.Read(_against.Name, call.Arguments.GetValue(_against)),
        };
        var report = await new SafetyCheck(options, _copy.Of(call.Arguments)).RunAsync(request, stop);
        call.Screen.Answer(report, FindingText.Summary(report));
        foreach (var finding in report.Findings)
        {
            call.Screen.Say(call.Arguments.GetValue(_annotations) ? FindingText.Annotation(finding) : FindingText.Of(finding));
        }

        foreach (var note in report.Notes)
        {
            call.Screen.Say($"note: {note}");
        }

        if (report.IsSafe && call.Arguments.GetValue(_signOff))
        {
            await new SignOff(options).WriteAsync(Migrations.DatabaseOf(call, options.Service), report, stop);
        }

        return report.IsSafe ? ExitCode.Done : ExitCode.Refused;
    }
}
