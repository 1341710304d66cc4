using Projections.Catalog;
using Projections.Checks;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.Switching;
using Projections.Tables;

namespace Projections.Reports;

/// <summary>A projection as every door tells it: <c>--json</c>, HTTP and the page.</summary>
/// <param name="Projection">Its name, which is the read name too.</param>
/// <param name="LiveVersion">The version that the read name points to.</param>
/// <param name="Generation">How many times it was switched.</param>
/// <param name="Source">Where its events come from.</param>
/// <param name="Head">The source's safe head.</param>
/// <param name="Hold">What keeps the safe head where it is.</param>
/// <param name="Contract">The columns that the read name is kept to.</param>
/// <param name="Known">The versions that this program has.</param>
/// <param name="Versions">The versions in the catalog.</param>
/// <param name="Errors">What is wrong with its declarations in this program; a version that is named there cannot be built or followed by it.</param>
/// <param name="SourceTrouble">Why the event store cannot be read at present, so that no lag is known.</param>
internal sealed record ProjectionReport(
    ProjectionName Projection,
    int? LiveVersion,
    long Generation,
    string Source,
    EventPosition Head,
    string? Hold,
    IReadOnlyList<string>? Contract,
    IReadOnlyList<int> Known,
    IReadOnlyList<VersionReport> Versions,
    IReadOnlyList<string> Errors,
    string? SourceTrouble)
{
    /// <summary>Which of the versions that this program has can begin with the rows of the live one (<c>seed.sql</c>).</summary>
    public required IReadOnlyList<int> Seeds { get; init; }

    /// <summary>Its reactions, those that are declared and those that were started.</summary>
    public required IReadOnlyList<ReactionReport> Reactions { get; init; }

    /// <summary>Its feed; <c>null</c> where it is not on.</summary>
    public required FeedReport? Feed { get; init; }

    /// <summary>Reads the states of one projection or all, and what switches would do.</summary>
    public static async Task<IReadOnlyList<ProjectionReport>> ReadAsync(ProjectionSystem system, ProjectionName? only, CancellationToken cancellationToken)
    {
        var reports = new List<ProjectionReport>();
        var checks = (await CheckHistory.ReadLatestAsync(system.Catalog, cancellationToken)).ToDictionary(check => check.Version);
        var reactions = await ReactionReport.ReadAsync(system, cancellationToken);
        var feeds = await FeedReport.ReadAsync(system, cancellationToken);
        var statuses = await new ReadStatus(system).RunAsync(only, cancellationToken);
        var kinds = await ReadKindsAsync(system, statuses, cancellationToken);
        foreach (var status in statuses)
        {
            var versions = new List<VersionReport>();
            foreach (var version in status.Versions)
            {
                var change = version.Version.State is VersionState.Ready or VersionState.Standby
                    ? await new ReadSwitch(system).PreviewAsync(version.Version.Id, status.Projection.Contract is not null, cancellationToken)
                    : null;
                var report = VersionReport.Of(version, change, checks.GetValueOrDefault(version.Version.Id));
                versions.Add(report with
                {
                    Table = version.Version.HasTable ? kinds.GetValueOrDefault(version.Version.Id.Table).Text() : null,
                    Verified = await VerifiedReport.ReadAsync(system, version.Version, status.Projection.Live, cancellationToken),
                });
            }

            reports.Add(new ProjectionReport(
                status.Projection.Name, status.Projection.LiveVersion, status.Projection.Generation, status.Projection.Source, status.Head.Position,
                status.Head.Hold?.Reason, status.Projection.Contract, status.Known, versions, [.. status.Errors.Select(error => error.Text)], status.SourceTrouble)
            {
                Seeds = [.. system.Registry.VersionsOf(status.Projection.Name).Where(version => version.Files.SeedSql is not null).Select(version => version.Id.Number)],
                Reactions = reactions.GetValueOrDefault(status.Projection.Name, []),
                Feed = feeds.GetValueOrDefault(status.Projection.Name),
            });
        }

        return reports;
    }

    private static async Task<IReadOnlyDictionary<string, TableKind>> ReadKindsAsync(ProjectionSystem system, IReadOnlyList<ProjectionStatus> statuses, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        return await TableKinds.OfAsync(
            connection, system.Options.Schema, [.. statuses.SelectMany(status => status.Versions).Select(version => version.Version.Id.Table)], cancellationToken);
    }
}
