using Projections.Catalog;
using Projections.Checks;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Reports;

/// <summary>What a catch-up check found of a projection, as every door tells it.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Verdict">The worst of its versions' verdicts.</param>
/// <param name="Outcome">The same in a sentence.</param>
/// <param name="Versions">Its versions that are not retired.</param>
internal sealed record CheckReport(ProjectionName Projection, Verdict Verdict, string Outcome, IReadOnlyList<VersionCheckReport> Versions)
{
    public static CheckReport Of(ProjectionCheck check) => new(check.Projection, check.Verdict, check.Outcome, [.. check.Versions.Select(VersionCheckReport.Of)]);
}

/// <summary>What a catch-up check found of a version, as every door tells it.</summary>
internal sealed record VersionCheckReport(
    int Version,
    Verdict Verdict,
    string State,
    EventPosition? Position,
    long? LagEvents,
    double? LagSeconds,
    IReadOnlyList<Finding> Findings,
    IReadOnlyList<string> Actions,
    DateTime At)
{
    public static VersionCheckReport Of(CheckRecord record) => new(
        record.Version.Number, record.Verdict, record.State.Text(), record.Position, record.LagEvents, record.LagSeconds, record.Findings, record.Actions, record.At);
}
