using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Checks;
using Projections.Definitions;
using Projections.Operations;
using Projections.Postgres;
using Projections.Telemetry;

namespace Projections.Reports;

/// <summary>
/// The gauges of what the catalog says: read now and then, and given to whoever collects. Every process that runs them shows
/// the same, so take the maximum over a fleet and not the sum. One instrument serves all databases of a process: of several with one name a
/// collector's library makes one, and ends it for all when the first of them ends.
/// </summary>
internal sealed partial class StatusGauges : IDisposable
{
    /// <summary>How long between two readings for each database of the process, at least.</summary>
    private static readonly TimeSpan PerDatabase = TimeSpan.FromMilliseconds(250);

    private readonly Meter _meter = new(ProjectionsTelemetry.Name);
    private readonly ConcurrentDictionary<ProjectionSystem, Reading> _last = new();

    public StatusGauges()
    {
        _meter.CreateObservableGauge("projections.lag.events", () => Versions(version => version.Lag?.Events), "{event}", "Events that a version has still to fold.");
        _meter.CreateObservableGauge("projections.lag.time", () => Versions(version => version.Lag?.Time.TotalSeconds), "s", "How long the oldest of them has been waiting.");
        _meter.CreateObservableGauge("projections.version.state", () => All(reading => reading.States()), "1", "1 for the state that a version is in.");
        _meter.CreateObservableGauge("projections.rebuild.progress", () => Versions(Progress), "1", "How far a version being built is, from 0 to 1.");
        _meter.CreateObservableGauge("projections.rebuild.rate", () => Versions(Rate), "{event}/s", "How fast a version being built folds events.");
        _meter.CreateObservableGauge("projections.dead_letters.waiting", () => Versions(version => (long?)version.DeadLetters), "{event}", "Events set aside that wait for a decision.");
        _meter.CreateObservableGauge("projections.late_events.waiting", () => Versions(version => (long?)version.LateEvents.Waiting), "{event}", "Events that turned up behind a version's checkpoint and are missing from its rows.");
        _meter.CreateObservableGauge("projections.given_up.watched", () => Versions(version => (long?)version.LateEvents.Watched), "{gap}", "Gaps in the source's numbers that a version passed without a proof, and that are looked at again.");
        _meter.CreateObservableGauge("projections.check.verdict", () => All(reading => reading.Verdicts()), "1", "The last check's verdict: 0 healthy, 1 lagging, 2 stuck, 3 broken.");
        _meter.CreateObservableGauge("projections.safe_head.hold", () => All(reading => reading.Holds()), "s", "How long a writer has held the source's safe head back.");
        _meter.CreateObservableGauge("projections.announcements.waiting", () => All(reading => reading.Announcements()), "{announcement}", "Announcements that nobody has passed on yet.");
        _meter.CreateObservableGauge("projections.feed.kept", () => Feeds(feed => true, feed => feed.GoesBackSince), "s", "How far a feed that is on goes back.");
        _meter.CreateObservableGauge("projections.feed.pending", () => Feeds(feed => true, feed => feed.PendingSince), "s", "How long the rows in which the versions of a switch differ have been looked for; who reads the feed waits there.");
        _meter.CreateObservableGauge("projections.feed.unpublished", () => Feeds(feed => feed.IsPublished, feed => feed.UnpublishedSince), "s", "How long the oldest message of a feed has been waiting to be published on the bus.");
    }

    /// <summary>Reads a system's state again and again until <paramref name="stop"/> is cancelled; what cannot be read is not shown.</summary>
    public async Task RunAsync(ProjectionSystem system, TimeSpan interval, CancellationToken stop)
    {
        var logger = system.Loggers.CreateLogger<StatusGauges>();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await TryReadAsync(system, logger, stop);
                await Task.Delay(system.Process.Pace(interval, PerDatabase), system.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            _last.TryRemove(system, out _);
        }
    }

    public void Dispose() => _meter.Dispose();

    private static double? Progress(VersionStatus status) =>
        status.Version is { EventsTotal: > 0 and { } total } version && version.State.IsBuild()
            ? Math.Min(1, (double)(version.EventsDone + version.EventsInProgress) / total)
            : null;

    private static double? Rate(VersionStatus status) => status.Version.State.IsBuild() ? status.Version.EventsPerSecond : null;

    private IEnumerable<Measurement<T>> All<T>(Func<Reading, IEnumerable<Measurement<T>>> of)
        where T : struct => _last.Values.SelectMany(of);

    private IEnumerable<Measurement<T>> Versions<T>(Func<VersionStatus, T?> value)
        where T : struct => All(reading => reading.Versions(value));

    private IEnumerable<Measurement<double>> Feeds(Func<FeedReport, bool> which, Func<FeedReport, DateTime?> since) => All(reading => reading.Ages(which, since));

    private async Task TryReadAsync(ProjectionSystem system, ILogger logger, CancellationToken stop)
    {
        try
        {
            _last[system] = await ReadAsync(system, stop);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception exception)
        {
            _last.TryRemove(system, out _);
            LogNotRead(logger, exception.Cause);
        }
    }

    private static async Task<Reading> ReadAsync(ProjectionSystem system, CancellationToken stop)
    {
        var statuses = await new ReadStatus(system).RunAsync(null, stop);
        var checks = await CheckHistory.ReadLatestAsync(system.Catalog, stop);
        var feeds = await FeedReport.ReadAsync(system, stop);
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        return new Reading(statuses, checks, feeds, await Outbox.CountAsync(connection, stop), system.Time.GetUtcNow(), system.Database);
    }

    /// <summary>What was read, in the form in which it is collected.</summary>
    private sealed record Reading(
        IReadOnlyList<ProjectionStatus> Statuses, IReadOnlyList<CheckRecord> Checks, IReadOnlyDictionary<ProjectionName, FeedReport> Feeds, long Waiting, DateTimeOffset At, string? Database)
    {
        public IEnumerable<Measurement<T>> Versions<T>(Func<VersionStatus, T?> value)
            where T : struct =>
            from status in Statuses
            from version in status.Versions
            where version.Version.State != VersionState.Retired
            let measured = value(version)
            where measured.HasValue
            select new Measurement<T>(measured.Value, Instruments.Of(Database, version.Version.Id));

        public IEnumerable<Measurement<int>> States() =>
            from status in Statuses
            from version in status.Versions
            select new Measurement<int>(1, Instruments.Of(Database, version.Version.Id, [new("state", version.Version.State.Text())]));

        public IEnumerable<Measurement<int>> Verdicts() =>
            Checks.Select(check => new Measurement<int>((int)check.Verdict, Instruments.Of(Database, check.Version)));

        public IEnumerable<Measurement<double>> Holds() =>
            Statuses.Take(1).Select(status => new Measurement<double>(status.Head.Hold is { } hold ? Math.Max(0, (At - hold.Since).TotalSeconds) : 0, Instruments.Of(Database)));

        /// <summary>How long ago something was; 0 where it is not.</summary>
        public IEnumerable<Measurement<double>> Ages(Func<FeedReport, bool> which, Func<FeedReport, DateTime?> since) =>
            from feed in Feeds
            where which(feed.Value)
            select new Measurement<double>(since(feed.Value) is { } at ? Math.Max(0, (At - at).TotalSeconds) : 0, Instruments.Of(Database, feed.Key));

        public IEnumerable<Measurement<long>> Announcements() => [new(Waiting, Instruments.Of(Database))];
    }

    [LoggerMessage(621, LogLevel.Warning, "The state for the metrics could not be read: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string reason);
}
