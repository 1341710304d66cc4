using Projections.Catalog;

namespace Projections.Reports;

/// <summary>How far the versions that are being built at the moment are together.</summary>
/// <param name="Versions">How many there are.</param>
/// <param name="EventsDone">How many events they have folded, each as often as a version did.</param>
/// <param name="EventsTotal">Of how many; <c>null</c> while it is not known of one of them.</param>
/// <param name="EventsTotalIsAbout">Whether some of that was estimated and not counted.</param>
/// <param name="EventsPerSecond">How many a second at the moment; <c>null</c> when it cannot be said.</param>
/// <param name="SecondsLeft">About how long all of them will go on at that rate; <c>null</c> when it cannot be said.</param>
internal sealed record BuildingReport(int Versions, long EventsDone, long? EventsTotal, bool EventsTotalIsAbout, double? EventsPerSecond, double? SecondsLeft)
{
    private static readonly HashSet<string> Building =
        [.. new[] { VersionState.Planned, VersionState.Building, VersionState.Replaying, VersionState.CatchingUp }.Select(state => state.Text())];

    public static BuildingReport Of(IEnumerable<VersionSnapshot> versions) => Of(
        [.. versions.Where(version => version.State.IsBuild())
            .Select(version => new Part(version.EventsDone + version.EventsInProgress, version.EventsTotal, version.EventsTotalIsAbout, version.EventsPerSecond))]);

    public static BuildingReport Of(IEnumerable<VersionReport> versions) => Of(
        [.. versions.Where(version => Building.Contains(version.State))
            .Select(version => new Part(version.EventsDone, version.EventsTotal, version.EventsTotalIsAbout, version.EventsPerSecond))]);

    private static BuildingReport Of(IReadOnlyList<Part> parts)
    {
        var done = parts.Sum(part => part.Done);
        // More may come in than there was when it was counted.
        var total = parts.All(part => part.Total is not null) ? parts.Sum(part => Math.Max(part.Done, part.Total!.Value)) : (long?)null;
        var rate = parts.Sum(part => part.PerSecond ?? 0) is > 0 and var sum ? sum : (double?)null;
        return new BuildingReport(parts.Count, done, total, parts.Any(part => part.IsAbout), rate, rate is null ? null : (total - done) / rate);
    }

    private readonly record struct Part(long Done, long? Total, bool IsAbout, double? PerSecond);
}
