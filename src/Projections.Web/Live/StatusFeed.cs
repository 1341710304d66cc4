using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Projections.Reports;

namespace Projections.Web.Live;

/// <summary>
/// Reads the state of all projections once for all who watch: every second while somebody does, and every few seconds
/// otherwise, so that whoever opens the page in the middle of a rebuild sees how it went so far.
/// </summary>
/// <param name="system">What is looked at.</param>
/// <param name="logger">Where it is told that nothing can be seen.</param>
/// <param name="looksWhenAlone">Whether it looks while nobody watches, too. Of many databases only those are looked at that somebody watches.</param>
internal sealed partial class StatusFeed(ProjectionSystem system, ILogger<StatusFeed> logger, bool looksWhenAlone)
{
    private static readonly TimeSpan WhenWatched = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UsuallyWhenAlone = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<StatusSubscription, bool> _subscriptions = new();
    private volatile TaskCompletionSource _watched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile StatusMoment? _latest;

    private TimeSpan WhenAlone => looksWhenAlone ? UsuallyWhenAlone : Timeout.InfiniteTimeSpan;

    /// <summary>Rates and lags of the last minutes.</summary>
    public SampleBook Samples { get; } = new();

    public StatusSubscription Subscribe()
    {
        var subscription = new StatusSubscription(this);
        if (_latest is { } latest)
        {
            subscription.Publish(latest);
        }

        if (_subscriptions.TryAdd(subscription, true))
        {
            _watched.TrySetResult();
        }

        return subscription;
    }

    public void Unsubscribe(StatusSubscription subscription) => _subscriptions.TryRemove(subscription, out _);

    /// <summary>Looks until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (!looksWhenAlone)
            {
                await UntilWatchedAsync(stoppingToken);
            }

            var moment = await ReadAsync(stoppingToken);
            _latest = moment;
            foreach (var subscription in _subscriptions.Keys)
            {
                subscription.Publish(moment);
            }

            if (_subscriptions.IsEmpty)
            {
                await UntilWatchedAsync(stoppingToken);
            }
            else
            {
                await Task.Delay(WhenWatched, system.Time, stoppingToken);
            }
        }
    }

    private async Task UntilWatchedAsync(CancellationToken stop)
    {
        var watched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _watched = watched;
        if (_subscriptions.IsEmpty)
        {
            await watched.Task.WaitAsync(WhenAlone, system.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.ThrowIfCancellationRequested();
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
