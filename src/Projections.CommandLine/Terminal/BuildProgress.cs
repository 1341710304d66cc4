using System.Globalization;
using Projections.Catalog;
using Projections.Events;
using Projections.Operations;

namespace Projections.CommandLine.Terminal;

/// <summary>How far a version is, at one moment.</summary>
/// <param name="Version">Its row in the catalog.</param>
/// <param name="Lag">How far it is behind, once it has caught up with history.</param>
internal sealed record BuildProgress(VersionSnapshot Version, Lag? Lag)
{
    /// <summary>Events folded, committed or not.</summary>
    public long Done => Version.EventsDone + Version.EventsInProgress;

    /// <summary>How much is done, from 0 to 1, or <c>null</c> when nobody has counted yet.</summary>
    public double? Share => Version.State switch
    {
        VersionState.Ready or VersionState.Live or VersionState.Standby => 1,
        _ => Version.EventsTotal is > 0 and var total ? Math.Clamp((double)Done / total, 0, 1) : null,
    };

    /// <summary>What it is doing: <c>replaying, creating indexes</c>.</summary>
    public string Doing => (Version.Trouble ?? Version.Activity) is { } activity ? $"{Version.State.Text()}, {activity}" : Version.State.Text();

    /// <summary>The numbers: <c>62 %  124,000 of 200,000 events, 85,000/s, 1 s left</c>.</summary>
    public string Numbers => string.Join(", ", Parts());

    /// <summary>How far several are together: <c>all 10: 62 %  1,240,000 of 2,000,000 events</c>.</summary>
    public static string Whole(IReadOnlyCollection<BuildProgress> versions)
    {
        var done = versions.Sum(version => version.Done);
        var total = versions.Sum(version => Math.Max(version.Done, version.Version.EventsTotal ?? 0));
        return string.Create(CultureInfo.InvariantCulture, $"all {versions.Count}: {(total == 0 ? 100 : done * 100 / total)} %  {done:N0} of {total:N0} events");
    }

    private IEnumerable<string> Parts()
    {
        var percent = Share is { } share ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(share * 100)} %  ") : "";
        yield return Version.EventsTotal is { } total && total >= Done
            ? string.Create(CultureInfo.InvariantCulture, $"{percent}{Done:N0} of {new EventCount(total, Version.EventsTotalIsAbout)} events")
            : string.Create(CultureInfo.InvariantCulture, $"{percent}{Done:N0} events");
        if (Version.EventsPerSecond is > 0 and var rate && Version.State is VersionState.Replaying or VersionState.CatchingUp)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{rate:N0}/s");
            if (Version.EventsTotal - Done is > 0 and var rest)
            {
                yield return $"{DurationText.Of(TimeSpan.FromSeconds(rest / rate))} left";
            }
        }

        if (Version.Throttle is { } throttle && Version.State.IsBuild())
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"throttled to {throttle:N0}/s");
        }

        if (Lag is { } lag)
        {
            yield return lag.Events == 0 && !lag.IsAtLeast ? "no lag" : $"lag {lag.EventsText} ({DurationText.Of(lag.Time)})";
        }
    }
}
