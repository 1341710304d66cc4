using System.Globalization;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Commands;
using Projections.Definitions;
using Projections.Verification;

namespace Projections.WorkOrders;

/// <summary>Folds some rows anew. Done twice, it does no harm: the same events make the same rows.</summary>
public sealed record RepairWork : Work
{
    /// <summary>The version; the live one when <c>null</c>.</summary>
    public int? Version { get; init; }

    /// <summary>Which rows.</summary>
    public RepairScope Scope { get; init; } = new();

    /// <inheritdoc />
    public override string Verb => "repair";

    internal override SettledWork Settle(ProjectionSystem system, ProjectionName projection, ProjectionSnapshot? snapshot)
    {
        var (version, _) = new Repair(system).Choose(projection, snapshot, Version, Scope);
        return new SettledWork(this with { Version = version.Id.Number }, version.Id, $"Rows of {version.Id} will be folded anew.");
    }

    internal override async Task<WorkResult> RunAsync(ProjectionSystem system, ProjectionName projection, Actor actor, CancellationToken cancellationToken)
    {
        var report = await new Repair(system).RunAsync(projection, Version, Scope, new CommandContext(actor), cancellationToken);
        var outcome = string.Create(
            CultureInfo.InvariantCulture, $"{report.Keys} rows of {report.Version} were folded anew: the table had {report.Before} of them, and has {report.After}.");
        var details = new AnnouncementDetails { Repaired = new RepairedRows(report.Keys, report.Before, report.After) };
        return new WorkResult(report, outcome, AnnouncementKind.Repaired, details);
    }
}
