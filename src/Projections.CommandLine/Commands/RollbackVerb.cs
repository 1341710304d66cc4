using Projections.Definitions;
using Projections.Operations;

namespace Projections.CommandLine.Commands;

/// <summary><c>rollback</c>: moves reads back to the version before.</summary>
internal sealed class RollbackVerb() : SwitchingVerb(
    "rollback",
    "Moves reads back to the version that was live before the last switch. It was kept current, so nothing is lost.",
    "projections rollback invoice_summary --why \"report X reads a column that is gone\"")
{
    protected override Task<VersionId> FindTargetAsync(Invocation call, ProjectionSystem system, CancellationToken stop) =>
        new SwitchReads(system).FindPreviousAsync(ProjectionOf(call), stop);
}
