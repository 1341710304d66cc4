using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Checks;
using Projections.Operations;
using Projections.Postgres;
using Projections.Telemetry;

namespace Projections.Reports;

/// <summary>
/// The gauges of what the catalog says: read now and then, and given to whoever collects. Every process that runs them shows
/// the same, so take the maximum over a fleet and not the sum.
/// </summary>
internal sealed partial class StatusGauges : IDisposable
{
    /// <summary>How long between two readings for each database of the process, at least.</summary>
    private static readonly TimeSpan PerDatabase = TimeSpan.FromMilliseconds(250);

    private readonly ProjectionSystem _system;
    private readonly ILogger _logger;
    private readonly Meter _meter = new(ProjectionsTelemetry.Name);
    private volatile Reading _last = Reading.Nothing;

    /// <param name="system">The system whose state is shown.</param>
    public StatusGauges(ProjectionSystem system)
    {
        _system = system;
        _logger = system.Loggers.CreateLogger<StatusGauges>();
        _meter.CreateObservableGauge("projections.lag.events", () => _last.Versions(version => version.Lag?.Events), "{event}", "Events that a version has still to fold.");
        _meter.CreateObservableGauge("projections.lag.time", () => _last.Versions(version => version.Lag?.Time.TotalSeconds), "s", "How long the oldest of them has been waiting.");
        _meter.CreateObservableGauge("projections.version.state", () => _last.States(), "1", "1 for the state that a version is in.");
        _meter.CreateObservableGauge("projections.rebuild.progress", () => _last.Versions(Progress), "1", "How far a version being built is, from 0 to 1.");
        _meter.CreateObservableGauge("projections.rebuild.rate", () => _last.Versions(Rate), "{event}/s", "How fast a version being built folds events.");
        _meter.CreateObservableGauge("projections.dead_letters.waiting", () => _last.Versions(version => (long?)version.DeadLetters), "{event}", "Events set aside that wait for a decision.");
        _meter.CreateObservableGauge("projections.late_events.waiting", () => _last.Versions(version => (long?)version.LateEvents.Waiting), "{event}", "Events that turned up behind a version's checkpoint and are missing from its rows.");
        _meter.CreateObservableGauge("projections.given_up.watched", () => _last.Versions(version => (long?)version.LateEvents.Watched), "{gap}", "Gaps in the source's numbers that a version passed without a proof, and that are looked at again.");
        _meter.CreateObservableGauge("projections.check.verdict", () => _last.Verdicts(), "1", "The last check's verdict: 0 healthy, 1 lagging, 2 stuck, 3 broken.");
        _meter.CreateObservableGauge("projections.safe_head.hold", () => _last.Holds(), "s", "How long a writer has held the source's safe head back.");
        _meter.CreateObservableGauge("projections.announcements.waiting", () => _last.Announcements(), "{announcement}", "Announcements that nobody has passed on yet.");
    }

    /// <summary>Reads the state again and again until <paramref name="stop"/> is cancelled; what cannot be read is not shown.</summary>
    public async Task RunAsync(TimeSpan interval, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                _last = await ReadAsync(stop);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                _last = Reading.Nothing;
                LogNotRead(_logger, exception.Cause);
            }

            await Task.Delay(_system.Process.Pace(interval, PerDatabase), _system.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _meter.Dispose();

    private static double? Progress(VersionStatus status) =>
        status.Version is { EventsTotal: > 0 and { } total } version && version.State.IsBuild()
            ? Math.Min(1, (double)(version.EventsDone + version.EventsInProgress) / total)
            : null;

    private static double? Rate(VersionStatus status) => status.Version.State.IsBuild() ? status.Version.EventsPerSecond : null;

    private async Task<Reading> ReadAsync(CancellationToken stop)
    {
        var statuses = await new ReadStatus(_system).RunAsync(null, stop);
        var checks = await CheckHistory.ReadLatestAsync(_system.Catalog, stop);
        await using var connection = await _system.ReadModels.OpenConnectionAsync(stop);
        return new Reading(statuses, checks, await Outbox.CountAsync(connection, stop), _system.Time.GetUtcNow(), _system.Database);
    }

    /// <summary>What was read, in the form in which it is collected.</summary>
    private sealed record Reading(IReadOnlyList<ProjectionStatus> Statuses, IReadOnlyList<CheckRecord> Checks, long? Waiting, DateTimeOffset At, string? Database = null)
    {
        public static readonly Reading Nothing = new([], [], null, default);

        public IEnumerable<Measurement<T>> Versions<T>(Func<VersionStatus, T?> value)
            where T : struct =>
            from status in Statuses
            from version in status.Versions
            where version.Version.State != VersionState.Retired
            let measured = value(version)
            where measured.HasValue
            select Of(measured.Value, Instruments.Projection(version.Version.Id.Projection), Instruments.Version(version.Version.Id));

        public IEnumerable<Measurement<int>> States() =>
            from status in Statuses
            from version in status.Versions
            select Of(
                1, Instruments.Projection(version.Version.Id.Projection), Instruments.Version(version.Version.Id), new("state", version.Version.State.Text()));

        public IEnumerable<Measurement<int>> Verdicts() =>
            Checks.Select(check => Of((int)check.Verdict, Instruments.Projection(check.Version.Projection), Instruments.Version(check.Version)));

        public IEnumerable<Measurement<double>> Holds() =>
            Statuses.Take(1).Select(status => Of(status.Head.Hold is { } hold ? Math.Max(0, (At - hold.Since).TotalSeconds) : 0));

        public IEnumerable<Measurement<long>> Announcements() => Waiting is { } count ? [Of(count)] : [];

        private Measurement<T> Of<T>(T value, params KeyValuePair<string, object?>[] tags)
            where T : struct => new(value, Database is null ? tags : [.. tags, Instruments.Database(Database)]);
    }

    [LoggerMessage(621, LogLevel.Warning, "The state for the metrics could not be read: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string reason);
}
