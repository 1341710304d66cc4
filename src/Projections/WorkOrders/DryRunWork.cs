using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Planning;

namespace Projections.WorkOrders;

/// <summary>Asks for a rebuild to be rehearsed.</summary>
[Verb("dry-run", "Rehearses a rebuild on a part of the streams, and tells what it would be like.")]
public sealed record DryRunCommand : OrderCommand
{
    /// <summary>The version; the newest when <c>null</c>.</summary>
    [Description("The version; the newest when left out."), Display(Name = "version"), Range(1, int.MaxValue)]
    public int? To { get; init; }

    /// <summary>Which part of the streams, above 0 and at most 1. The default is 1: all.</summary>
    [Description("Which part of the streams to rehearse; all when left out."), Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Sample { get; init; } = 1;

    internal override Work ToWork() => new DryRunWork { To = To, Sample = Sample };
}

/// <summary>Rehearses a rebuild.</summary>
internal sealed record DryRunWork : Work
{
    /// <summary>The version; the newest when <c>null</c>.</summary>
    public int? To { get; init; }

    /// <summary>Which part of the streams, above 0 and at most 1. The default is 1: all.</summary>
    public double Sample { get; init; } = 1;

    /// <inheritdoc />
    public override string Verb => "dry-run";

    internal override SettledWork Settle(ProjectionSystem system, ProjectionName projection, ProjectionSnapshot? snapshot)
    {
        var definition = DeclaredVersion.Choose(system.Registry, projection, To, Verb);
        return new SettledWork(this with { To = definition.Id.Number }, definition.Id, $"A rebuild of {definition.Id} will be rehearsed.");
    }

    internal override async Task<WorkResult> RunAsync(ProjectionSystem system, ProjectionName projection, Actor actor, Guid? commandId, CancellationToken cancellationToken)
    {
        var report = await new DryRun(system).RunAsync(projection, To, Sample, cancellationToken);
        var outcome = string.Create(
            CultureInfo.InvariantCulture,
            $"Of {report.EventsRead} events {report.EventsFolded} were folded into {report.Rows} rows of {report.Version}; {report.Failures.Sum(failure => failure.Events)} of them failed.");
        return new WorkResult(report, outcome);
    }
}
