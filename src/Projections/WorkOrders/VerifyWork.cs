using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Commands;
using Projections.Definitions;
using Projections.Verification;

namespace Projections.WorkOrders;

/// <summary>Asks for two versions to be compared row by row, or one with its own events.</summary>
[Verb("verify", "Compares two versions row by row at the same position, without stopping either; or one with its events.")]
public sealed record VerifyCommand : OrderCommand
{
    /// <summary>One version; the live one when <c>null</c>.</summary>
    [Description("One version; the live one when left out."), Display(Name = "version"), Range(1, int.MaxValue)]
    public int? From { get; init; }

    /// <summary>The other; the newest beside it when <c>null</c>.</summary>
    [Description("The other; the newest when left out."), Display(Name = "version"), Range(1, int.MaxValue)]
    public int? To { get; init; }

    /// <summary>How long to wait for the two to be at the same position, an hour at most. The default is 30 seconds.</summary>
    [Description("How long to wait until both are at the same position, an hour at most. The default is 30 seconds.")]
    [JsonPropertyName("patienceSeconds"), JsonConverter(typeof(TimeInSeconds)), TimeRange(0, 3600)]
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether one version is compared with a fold of its own events. The default is no: two versions are compared.</summary>
    [Description("Compare one version with a fold of its own events.")]
    public bool AgainstEvents { get; init; }

    /// <summary>The version that is compared with its events; the live one when <c>null</c>.</summary>
    [Description("The version to compare with its events; the live one when left out."), Range(1, int.MaxValue)]
    public int? Version { get; init; }

    /// <summary>Which part of its rows, above 0 and at most 1. The default is 1: all.</summary>
    [Description("Which part of its rows to compare with their events; all when left out."), Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Sample { get; init; } = 1;

    internal override Work ToWork() => this switch
    {
        { AgainstEvents: true, From: null, To: null } => new VerifyAgainstEventsWork { Version = Version, Sample = Sample },
        { AgainstEvents: true } => throw new OperationRefused("'againstEvents' compares one version with its events; leave out with which other it is to be compared ('from', 'to').", isMistake: true),
        { Version: null, Sample: 1 } => new VerifyWork { From = From, To = To, PatienceSeconds = Patience.TotalSeconds },
        _ => throw new OperationRefused("'version' and 'sample' go with 'againstEvents'; say 'from' and 'to' for two versions.", isMistake: true),
    };
}

/// <summary>Compares two versions.</summary>
internal sealed record VerifyWork : Work
{
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
        var (earlier, later) = Verify.Choose(projection, snapshot, From, To);
        if (system.Registry.Find(later.Id) is null)
        {
            throw new OperationRefused($"Cannot compare {earlier.Id} with v{later.Id.Number}: what is meant to differ is not known, as {system.Registry.WhyMissing(later.Id)}", isMistake: true);
        }

        return new SettledWork(
            this with { From = earlier.Id.Number, To = later.Id.Number }, later.Id, $"v{earlier.Id.Number} and v{later.Id.Number} of {projection} will be compared.");
    }

    internal override async Task<WorkResult> RunAsync(ProjectionSystem system, ProjectionName projection, Actor actor, Guid? commandId, CancellationToken cancellationToken)
    {
        var report = await new Verify(system).RunAsync(projection, From, To, TimeSpan.FromSeconds(PatienceSeconds), actor, cancellationToken);
        var where = report.Where;
        var result = report.Result;
        var both = $"v{report.Earlier} and v{report.Later} of {projection}";
        var outcome = result.Agrees
            ? $"{both} agree{where} in all {result.Equal} rows."
            : $"{both} differ{where}: {result.Equal} rows are equal, {result.Differing} differ, {result.OnlyInEarlier} are only in v{report.Earlier}, {result.OnlyInLater} only in v{report.Later}.";
        var details = new AnnouncementDetails { ComparedWith = report.Earlier, Position = report.Position?.ToString(), Rows = result.ToRows() };
        return new WorkResult(report.Hidden(), outcome, AnnouncementKind.Verified, details);
    }
}
