using System.CommandLine;
using Projections.Migrations.RoundTrip;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate verify</c>: proves that pending migrations can be taken back.</summary>
internal sealed class VerifyVerb : MigrationVerb
{
    private readonly Option<long?> _from = new("--from") { Description = "Take all migrations up to this one as applied and try the later ones. The default is to look into the database.", HelpName = "N" };
    private readonly CopyOptionSet _copy = new();

    public VerifyVerb()
        : base(
            "verify",
            "Runs each pending migration up, down and up again on a throw-away copy, and shows what the way back does not restore.",
            "projections migrate verify --service billing",
            "projections migrate verify --service billing --sample rows.sql")
    {
        Options.Add(_from);
        _copy.AddTo(this);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var options = Migrations.Of(call.Arguments);
        var report = await new RoundTripCheck(options, _copy.Of(call.Arguments))
            .RunAsync(Migrations.FindDatabase(call, options.Service), call.Arguments.GetValue(_from), stop);
        call.Screen.Answer(Document(report), Lines(report));
        return report.Succeeded ? ExitCode.Done : ExitCode.Refused;
    }

    private static object Document(RoundTripReport report) => new
    {
        report.Succeeded,
        Results = report.Results.Select(result => new
        {
            result.Migration.Id, result.Succeeded, result.Irreversible, Failure = result.Failure?.Message,
            AfterDown = result.AfterDown.Select(difference => difference.ToString()),
            AfterSecondUp = result.AfterSecondUp.Select(difference => difference.ToString()), result.ChangedTables, result.MovedSequences,
        }),
        report.Notes,
    };

    private static string Lines(RoundTripReport report) => report.Results.Count == 0
        ? "Nothing is pending."
        : string.Join(Environment.NewLine, report.Results.SelectMany(Lines).Concat(report.Notes.Select(note => $"note: {note}")));

    private static IEnumerable<string> Lines(RoundTripResult result)
    {
        yield return $"{result.Migration}: {(result.Failure is { } failure ? $"failed: {failure.Message}" : !result.Succeeded ? "not restored" : result.Irreversible is { } reason ? $"irreversible: {reason}" : "restored")}";
        foreach (var difference in result.AfterDown)
        {
            yield return $"  after down:      {difference}";
        }

        foreach (var difference in result.AfterSecondUp)
        {
            yield return $"  after second up: {difference}";
        }

        foreach (var table in result.ChangedTables)
        {
            yield return $"  warning: rows of {table} are not what they were";
        }

        foreach (var sequence in result.MovedSequences)
        {
            yield return $"  warning: the sequence {sequence} stands elsewhere than it did";
        }
    }
}
