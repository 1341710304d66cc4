using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Commands;
using Projections.Definitions;
using Projections.Verification;

namespace Projections.WorkOrders;

/// <summary>Asks for some rows to be folded anew from their events: all that any of the properties names.</summary>
[Verb("repair", "Folds some rows anew from their events and replaces them, while the version goes on being followed.")]
public sealed record RepairCommand : OrderCommand
{
    /// <summary>The version; the live one when <c>null</c>.</summary>
    [Description("The version; the live one when left out."), Range(1, int.MaxValue)]
    public int? Version { get; init; }

    /// <summary>Keys of rows; the parts of one with commas between them, or as a JSON array.</summary>
    [Description("Keys of rows; the parts of one with commas between them, or as a JSON array."), MaxLength(CommandLimits.Items)]
    public IReadOnlyList<string> Keys { get; init => field = value ?? []; } = [];

    /// <summary>Streams: all rows that their events are for.</summary>
    [Description("Streams: all rows that their events are for."), MaxLength(CommandLimits.Items)]
    public IReadOnlyList<string> Streams { get; init => field = value ?? []; } = [];

    /// <summary>A tenant: all rows that its events are for. Reads the whole history.</summary>
    [Description("A tenant: all rows that its events are for. Reads the whole history."), StringLength(CommandLimits.Name)]
    public string? Tenant { get; init; }

    /// <summary>Whether the rows in which the version differs from the live one are meant, or the live one from the newest beside it.</summary>
    [Description("The rows in which the version differs from the live one, or the live one from the newest beside it.")]
    public bool WhereDifferent { get; init; }

    internal override Work ToWork() => new RepairWork
    {
        Version = Version,
        Scope = new RepairScope { Keys = Keys, Streams = Streams, Tenant = Tenant, WhereDifferent = WhereDifferent },
    };
}

/// <summary>Folds some rows anew. Done twice, it does no harm: the same events make the same rows.</summary>
internal sealed record RepairWork : Work
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

    internal override async Task<WorkResult> RunAsync(ProjectionSystem system, ProjectionName projection, Actor actor, Guid? commandId, CancellationToken cancellationToken)
    {
        var report = await new Repair(system).RunAsync(projection, Version, Scope, actor, commandId, cancellationToken);
        var outcome = string.Create(
            CultureInfo.InvariantCulture, $"{report.Keys} rows of {report.Version} were folded anew: the table had {report.Before} of them, and has {report.After}.");
        var details = new AnnouncementDetails { Repaired = new RepairedRows(report.Keys, report.Before, report.After) };
        return new WorkResult(report, outcome, AnnouncementKind.Repaired, details);
    }
}
