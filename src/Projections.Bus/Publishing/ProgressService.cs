using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Catalog;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Reports;
using Projections.Serving;

namespace Projections.Bus.Publishing;

/// <summary>Publishes the progress of what is built in all databases as long as the program runs.</summary>
internal sealed class ProgressService(ServedDatabases databases, IBus bus) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        databases.ForEachAsync((system, stop) => new PublishedProgress(system, bus).RunAsync(stop), stoppingToken);
}

/// <summary>
/// Publishes the progress of what this process's worker builds in a database, at most once a second each. The other workers tell of
/// theirs; so nothing is told twice. Progress is not worth keeping: what cannot be sent is left out.
/// </summary>
internal sealed partial class PublishedProgress(ProjectionSystem system, IBus bus)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>For each database of the process, at least.</summary>
    private static readonly TimeSpan IntervalPerDatabase = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<VersionId, (VersionState State, string? Activity, long Done)> _told = [];
    private readonly ILogger _logger = system.Loggers.CreateLogger<ProgressService>();

    /// <summary>Goes on until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(system.Process.Pace(Interval, IntervalPerDatabase), system.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryTellAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private async Task TryTellAsync(CancellationToken stop)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limited.CancelAfter(Interval * 5);
        try
        {
            await TellAsync(limited.Token).WaitAsync(limited.Token);
        }
        catch (Exception exception)
        {
            if (!stop.IsCancellationRequested)
            {
                LogNotTold(_logger, exception.Message);
            }
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var versions = (await system.Catalog.ReadAllAsync(cancellationToken)).SelectMany(projection => projection.Versions)
            .Where(version => version.IsLeased && version.LeaseHolder == system.Name && version.State.IsBuild()).ToList();
        var all = BuildingReport.Of(versions);
        foreach (var version in versions)
        {
            var now = (version.State, version.Activity, version.EventsDone + version.EventsInProgress);
            if (!_told.TryGetValue(version.Id, out var before) || before != now)
            {
                await bus.Publish(MessageOf(version, all), context => context.NameDatabase(system.Database), cancellationToken);
                _told[version.Id] = now;
            }
        }
    }

    private RebuildProgressed MessageOf(VersionSnapshot version, BuildingReport all)
    {
        var done = version.EventsDone + version.EventsInProgress;
        return new RebuildProgressed
        {
            Projection = version.Id.Projection.Value,
            Version = version.Id.Number,
            State = version.State.Text(),
            Activity = version.Activity,
            EventsDone = done,
            EventsTotal = version.EventsTotal,
            EventsTotalIsAbout = version.EventsTotalIsAbout,
            EventsPerSecond = version.EventsPerSecond,
            SecondsLeft = version is { EventsTotal: { } total, EventsPerSecond: > 0 and var rate } ? Math.Max(0, total - done) / rate : null,
            Together = new RebuildsTogether
            {
                Versions = all.Versions,
                EventsDone = all.EventsDone,
                EventsTotal = all.EventsTotal,
                EventsTotalIsAbout = all.EventsTotalIsAbout,
                EventsPerSecond = all.EventsPerSecond,
                SecondsLeft = all.SecondsLeft,
            },
            At = system.Time.GetUtcNow().UtcDateTime,
        };
    }

    [LoggerMessage(711, LogLevel.Debug, "The progress of rebuilds could not be published: {Reason}")]
    private static partial void LogNotTold(ILogger logger, string reason);
}
