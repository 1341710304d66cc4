using System.CommandLine;
using Projections.Migrations.Adoption;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary><c>migrate baseline</c>: takes over a database that exists.</summary>
internal sealed class BaselineVerb : MigrationVerb
{
    private readonly Option<long?> _to = new("--to") { Description = "The last migration that the database has already.", HelpName = "N" };
    private readonly Option<string?> _fromTable = new("--from-table") { Description = "The tracking table of Flyway, goose, golang-migrate, Rails, dbmate or another runner, whose history is taken over.", HelpName = "TABLE" };
    private readonly Option<string?> _despite = new("--despite-differences") { Description = "Mark them although the schema differs; the reason is kept in the tracking table.", HelpName = "REASON" };
    private readonly CopyOptionSet _copy = new();

    public BaselineVerb()
        : base(
            "baseline",
            "Marks migrations as applied without running them, after it has proved on a throw-away copy that they make the schema that the database has; shows the difference if they do not.",
            "projections migrate baseline --service billing --to 12",
            "projections migrate baseline --service billing --from-table flyway_schema_history",
            "projections migrate baseline --service billing --from-table schema_migrations --tracking-table billing_migrations")
    {
        Options.Add(_to);
        Options.Add(_fromTable);
        Options.Add(_despite);
        _copy.AddTo(this);
        Validators.Add(result =>
        {
            if (result.GetResult(_to) is null == result.GetResult(_fromTable) is null)
            {
                result.AddError("Give --to or --from-table.");
            }
        });
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var options = Migrations.Of(call.Arguments);
        var request = new BaselineRequest
        {
            To = call.Arguments.GetValue(_to),
            FromTable = call.Arguments.GetValue(_fromTable),
            DespiteDifferences = call.Arguments.GetValue(_despite),
        };
        var report = await new Baseline(options, _copy.Of(call.Arguments)).RunAsync(Migrations.DatabaseOf(call, options.Service), request, stop);
        call.Screen.Answer(
            new { report.IsDone, Marked = report.Marked.Select(migration => migration.Id), Differences = report.Differences.Select(difference => difference.ToString()) },
            string.Join(Environment.NewLine, Lines(report)));
        return report.IsDone ? ExitCode.Done : ExitCode.Refused;
    }

    private static IEnumerable<string> Lines(BaselineReport report)
    {
        if (report.Differences.Count > 0)
        {
            yield return "The database (+) is not what the migrations make (-):";
        }

        foreach (var difference in report.Differences)
        {
            yield return $"  {difference}";
        }

        yield return report switch
        {
            { IsDone: false } => "Nothing was marked. Bring the migrations or the database into line, name another --to, or give a reason by --despite-differences.",
            { Marked: [] } => "All of them were marked already.",
            { Marked: [var first, .., var last] } => $"{report.Marked.Count} marked as applied: {first.Id} to {last.Id}.",
            { Marked: [var only] } => $"Marked as applied: {only.Id}.",
        };
    }
}
