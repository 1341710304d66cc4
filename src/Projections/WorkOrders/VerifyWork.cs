using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Commands;
using Projections.Definitions;
using Projections.Verification;

namespace Projections.WorkOrders;

/// <summary>Compares two versions.</summary>
public sealed record VerifyWork : Work
{
    private const double LongestPatience = 3600;

    /// <summary>One version; the live one when <c>null</c>.</summary>
    public int? From { get; init; }

    /// <summary>The other; the newest beside it when <c>null</c>.</summary>
    public int? To { get; init; }

    /// <summary>How long to wait for the two to be at the same position, in seconds. The default is 30.</summary>
    public double PatienceSeconds { get; init; } = 30;

    /// <inheritdoc />
    public override string Verb => "verify";

    internal override SettledWork Settle(ProjectionSystem system, ProjectionName projection, ProjectionSnapshot? snapshot)
    {
        if (PatienceSeconds is not (>= 0 and <= LongestPatience))
        {
            throw new OperationRefused($"'patienceSeconds' must be between 0 and {LongestPatience}; it is {PatienceSeconds}.", isMistake: true);
        }

        var (earlier, later) = Verify.Choose(projection, snapshot, From, To);
        if (system.Registry.Find(later.Id) is null)
        {
            throw new OperationRefused($"Cannot compare {earlier.Id} with v{later.Id.Number}: what is meant to differ is not known, as {system.Registry.WhyMissing(later.Id)}", isMistake: true);
        }

        return new SettledWork(
            this with { From = earlier.Id.Number, To = later.Id.Number }, later.Id, $"v{earlier.Id.Number} and v{later.Id.Number} of {projection} will be compared.");
    }

    internal override async Task<WorkResult> RunAsync(ProjectionSystem system, ProjectionName projection, Actor actor, CancellationToken cancellationToken)
    {
        var report = await new Verify(system).RunAsync(projection, From, To, TimeSpan.FromSeconds(PatienceSeconds), new CommandContext(actor), cancellationToken);
        var where = report.Position is { } position ? $" at position {position}" : "";
        var result = report.Result;
        var both = $"v{report.Earlier} and v{report.Later} of {projection}";
        var outcome = result.Agrees
            ? $"{both} agree{where} in all {result.Equal} rows."
            : $"{both} differ{where}: {result.Equal} rows are equal, {result.Differing} differ, {result.OnlyInEarlier} are only in v{report.Earlier}, {result.OnlyInLater} only in v{report.Later}.";
        var details = new AnnouncementDetails { ComparedWith = report.Earlier, Position = report.Position?.ToString(), Rows = result.ToRows() };
        return new WorkResult(report, outcome, AnnouncementKind.Verified, details);
    }
}
