using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>
/// What feeds need beside those who write them: the rows of switches, and that what is kept long enough is dropped. Any number of workers do it; of each thing, one at a time.
/// </summary>
internal sealed partial class FeedKeeper(ProjectionSystem system, CatalogSignal signal)
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(5);

    /// <summary>For each database of the process, at least.</summary>
    private static readonly TimeSpan SilencePerDatabase = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _logger = system.Loggers.CreateLogger<FeedKeeper>();
    private readonly FeedPruning _pruning = new(system);

    /// <summary>Keeps the feeds until it is stopped; faults of the database are waited out.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var next = signal.Next;
            try
            {
                while (await new FeedDifference(system).RunOneAsync(stop) is { } settled)
                {
                    LogSettled(_logger, settled);
                }

                await _pruning.RunIfDueAsync(stop);
                await signal.WaitAsync(next, system.Process.Pace(LongestSilence, SilencePerDatabase), stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogInterrupted(_logger, exception.Cause);
                await Task.Delay(LongestSilence / 5, system.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(621, LogLevel.Information, "The feed of {Version}'s projection has the rows in which it differs from the version that readers saw before.")]
    private static partial void LogSettled(ILogger logger, VersionId version);

    [LoggerMessage(622, LogLevel.Warning, "Feeds are not kept at the moment ({Reason}); whoever reads one waits at its last switch, and nothing is dropped.")]
    private static partial void LogInterrupted(ILogger logger, string reason);
}
