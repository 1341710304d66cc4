using Projections.Definitions;
using Projections.Switching;
using Projections.Switching.Gates;

namespace Projections.Reports;

/// <summary>What a switch would do, and what stands in its way, without doing it.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="From">The version that is live now.</param>
/// <param name="To">The version that reads would go to.</param>
/// <param name="Change">What would become of the read name's columns; <c>null</c> when the version has no table.</param>
/// <param name="Gates">The gates that would refuse at present, each with the way out; empty when all are open.</param>
internal sealed record SwitchPreview(
    ProjectionName Projection, int? From, int To, ReadNameChange? Change, IReadOnlyList<GateFailure> Gates)
{
    public static async Task<SwitchPreview> ReadAsync(ProjectionSystem system, VersionId to, SwitchingCommand command, CancellationToken cancellationToken)
    {
        var snapshot = await system.Catalog.ReadAsync(to.Projection, cancellationToken);
        var reads = new ReadSwitch(system);
        var change = await reads.PreviewAsync(to, command.KeepContract || snapshot?.Contract is not null, cancellationToken);
        var gates = snapshot?.LiveVersion == to.Number ? [] : await reads.CheckAsync(to, command, cancellationToken);
        return new SwitchPreview(to.Projection, snapshot?.LiveVersion, to.Number, change, gates);
    }
}
