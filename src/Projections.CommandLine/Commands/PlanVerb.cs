using System.CommandLine;
using Projections.Definitions;
using Projections.CommandLine.Terminal;
using Projections.Planning;
using Projections.Switching.Queries;

namespace Projections.CommandLine.Commands;

/// <summary><c>plan</c>: what a rebuild and a switch will do.</summary>
internal sealed class PlanVerb : Verb
{
    private readonly Argument<ProjectionName> _projection = ProjectionArgument.Required();
    private readonly Option<int?> _to = new Option<int?>("--to") { Description = "The version; the newest when left out.", HelpName = "N" }.AtLeast(1);

    private readonly Option<FileInfo> _queries = new Option<FileInfo>("--queries")
    {
        Description = "Tell instead which statements of readers would fail, scan or grow: those that the database has seen (pg_stat_statements), or those of a file, each of which ends with a semicolon at the end of a line.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    }.AcceptExistingOnly();

    private readonly Option<bool> _sideBySide = new("--side-by-side")
    {
        Description = "Tell instead how the live version and the other one compare: rows, sizes, what the last comparison found, who reads, and for how long they queued at the last switch.",
    };

    public PlanVerb()
        : base(
            "plan",
            "Says what a rebuild and a switch will do to readers, and about what they take, without doing anything.",
            "projections plan invoice_summary",
            "projections plan invoice_summary --to 2 --json",
            "projections plan invoice_summary --to 2 --queries",
            "projections plan invoice_summary --side-by-side")
    {
        Arguments.Add(_projection);
        Options.Add(_to);
        Options.Add(_queries);
        Options.Add(_sideBySide);
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var projection = call.Arguments.GetRequiredValue(_projection);
        var to = call.Arguments.GetValue(_to);
        if (call.Arguments.GetResult(_queries) is not null)
        {
            return await CompareQueriesAsync(call, projection, to, stop);
        }

        if (call.Arguments.GetValue(_sideBySide))
        {
            var sides = await new PutSideBySide(await call.OpenForALookAsync(stop)).RunAsync(projection, to, stop);
            call.Screen.Answer(sides, PlanText.Of(sides));
            return ExitCode.Done;
        }

        var system = await call.OpenAsync(stop);
        var plan = await new Plan(system).RunAsync(projection, to, stop);
        call.Screen.Answer(plan, PlanText.Of(plan));
        return ExitCode.Done;
    }

    private async Task<int> CompareQueriesAsync(Invocation call, ProjectionName projection, int? to, CancellationToken stop)
    {
        var queries = call.Arguments.GetValue(_queries) is { } file ? ReadersQuery.Parse(await File.ReadAllTextAsync(file.FullName, stop)) : null;
        var system = await call.OpenForALookAsync(stop);
        var report = await new CompareQueries(system).RunAsync(projection, to, queries, stop);
        call.Screen.Answer(report, PlanText.Of(report));
        return report.Findings.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }
}
