using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Reports;
using Projections.Web.Health;

namespace Projections.Web.Live;

/// <summary>
/// Reads the state of all projections once for all who watch: every second while somebody does, and every few seconds
/// otherwise, so that whoever opens the page in the middle of a rebuild sees how it went so far.
/// </summary>
internal sealed partial class StatusFeed(ProjectionSystem system, StartingState starting, ILogger<StatusFeed> logger) : BackgroundService
{
    private static readonly TimeSpan WhenWatched = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhenAlone = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<StatusSubscription, bool> _subscriptions = new();
    private readonly SemaphoreSlim _watched = new(0, 1);
    private volatile StatusMoment? _latest;

    /// <summary>Rates and lags of the last minutes.</summary>
    public SampleBook Samples { get; } = new();

    public StatusSubscription Subscribe()
    {
        var subscription = new StatusSubscription(this);
        if (_latest is { } latest)
        {
            subscription.Publish(latest);
        }

        if (_subscriptions.TryAdd(subscription, true) && _subscriptions.Count == 1 && _watched.CurrentCount == 0)
        {
            _watched.Release();
        }

        return subscription;
    }

    public void Unsubscribe(StatusSubscription subscription) => _subscriptions.TryRemove(subscription, out _);

    public override void Dispose()
    {
        base.Dispose();
        _watched.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Before that there may be nothing to look at.
        await starting.Over.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var moment = await ReadAsync(stoppingToken);
            _latest = moment;
            foreach (var subscription in _subscriptions.Keys)
            {
                subscription.Publish(moment);
            }

            if (_subscriptions.IsEmpty)
            {
                await _watched.WaitAsync(WhenAlone, stoppingToken);
            }
            else
            {
                await Task.Delay(WhenWatched, system.Time, stoppingToken);
            }
        }
    }

    private async Task<StatusMoment> ReadAsync(CancellationToken cancellationToken)
    {
        var now = system.Time.GetUtcNow();
        try
        {
            var projections = await ProjectionReport.ReadAsync(system, null, cancellationToken);
            Samples.Add(now, projections);
            return new StatusMoment(now, projections, null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (_latest is not { Trouble: not null })
            {
                LogTrouble(logger, exception);
            }

            return new StatusMoment(now, null, "The catalog or the event store cannot be read at the moment; the worker's log says why. Trying again.");
        }
    }

    [LoggerMessage(722, LogLevel.Warning, "The state of the projections cannot be read for the page; trying again.")]
    private static partial void LogTrouble(ILogger logger, Exception exception);
}
