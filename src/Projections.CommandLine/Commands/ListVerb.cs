using Projections.CommandLine.Terminal;
using Projections.Reports;

namespace Projections.CommandLine.Commands;

/// <summary><c>list</c>: all projections, one line each.</summary>
internal sealed class ListVerb() : Verb("list", "Lists the projections, where their reads go, and their versions.", "projections list", "projections list --json")
{
    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenForALookAsync(stop);
        var projections = await ProjectionReport.ReadAsync(system, null, stop);
        call.Screen.Answer(projections, StatusListing.Overview(projections));
        call.WarnOnce(StatusListing.Unmade(system.Registry));
        return ExitCode.Done;
    }
}
