using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Definitions;
using Projections.Verification;

namespace Projections.WorkOrders;

/// <summary>Compares a version with its own events.</summary>
internal sealed record VerifyAgainstEventsWork : Work
{
    /// <summary>The version; the live one when <c>null</c>.</summary>
    public int? Version { get; init; }

    /// <summary>Which part of the rows, above 0 and at most 1. The default is 1: all.</summary>
    public double Sample { get; init; } = 1;

    /// <inheritdoc />
    public override string Verb => "verify-against-events";

    internal override SettledWork Settle(ProjectionSystem system, ProjectionName projection, ProjectionSnapshot? snapshot)
    {
        var (version, definition) = new VerifyAgainstEvents(system).Choose(projection, snapshot, Version);
        VerifyAgainstEvents.RefuseSample(definition, Sample);
        return new SettledWork(this with { Version = version.Id.Number }, version.Id, $"{version.Id} will be compared with its events.");
    }

    internal override async Task<WorkResult> RunAsync(ProjectionSystem system, ProjectionName projection, Actor actor, Guid? commandId, CancellationToken cancellationToken)
    {
        var report = await new VerifyAgainstEvents(system).RunAsync(projection, Version, Sample, cancellationToken);
        var result = report.Result;
        var outcome = result.Agrees
            ? $"{report.Version} agrees with its events up to position {report.Position} in all {result.Equal} rows that were looked at."
            : $"{report.Version} differs from its events up to position {report.Position}: {result.Equal} rows are equal, {result.Differing} differ, {result.OnlyInEarlier} are only in the table, {result.OnlyInLater} only in the events.";
        var details = new AnnouncementDetails { Position = report.Position.ToString(), Rows = result.ToRows() };
        return new WorkResult(report.Hidden(), outcome, AnnouncementKind.Verified, details);
    }
}
