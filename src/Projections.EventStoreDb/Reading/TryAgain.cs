using Microsoft.Extensions.Logging;
using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.Telemetry;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// Repeats what failed for a passing reason, with pauses that grow and are never quite the same, so that the readers of a server that
/// comes back do not come all at once. What does not pass, or not in time, is thrown in an event source's words.
/// </summary>
internal sealed partial class TryAgain(EventStoreDbSourceOptions options)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private int _failures;

    /// <summary>Runs a call until it succeeds or has failed too often.</summary>
    /// <exception cref="EventSourceUnavailable">It failed as often as the options allow.</exception>
    /// <exception cref="EventSourceUnusable">It failed for a reason that does not pass.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<T>> call, EventStoreDbSourceOptions options, CancellationToken cancellationToken)
    {
        var again = new TryAgain(options);
        while (true)
        {
            try
            {
                return await call();
            }
            catch (EventStoreDbException failure)
            {
                await again.PauseAsync(failure, cancellationToken);
            }
        }
    }

    /// <summary>Something was achieved: failures are counted anew.</summary>
    public void Succeeded() => _failures = 0;

    /// <summary>Waits before the next attempt, or throws when there is to be none.</summary>
    /// <exception cref="EventSourceUnavailable">There were as many failures in a row as the options allow.</exception>
    /// <exception cref="EventSourceUnusable">The failure does not pass.</exception>
    public async Task PauseAsync(EventStoreDbException failure, CancellationToken cancellationToken)
    {
        if (!failure.IsPassing)
        {
            throw new EventSourceUnusable(failure.Message, failure);
        }

        if (_failures++ >= options.Retries)
        {
            throw new EventSourceUnavailable(failure.Message, failure);
        }

        var pause = options.RetryPause * Math.Pow(2, _failures - 1);
        pause = pause < LongestPause ? pause : LongestPause;
        Tell(failure);
        await Task.Delay(pause * (1 - (options.Random.NextDouble() / 2)), options.Time, cancellationToken);
    }

    private void Tell(EventStoreDbException failure)
    {
        var isOrdinary = failure is ConsumerTooSlow;
        ProjectionsTelemetry.CountSourceRetry(isOrdinary ? "too-slow" : "failed", options.Database);
        if (isOrdinary)
        {
            LogTooSlow(options.Logger, failure.Message);
        }
        else
        {
            LogTryingAgain(options.Logger, failure.Message, _failures, options.Retries);
        }
    }

    [LoggerMessage(901, LogLevel.Warning, "{Reason} Trying again ({Attempt} of {Attempts}).")]
    private static partial void LogTryingAgain(ILogger logger, string reason, int attempt, int attempts);

    [LoggerMessage(902, LogLevel.Debug, "{Reason} Going on from the log.")]
    private static partial void LogTooSlow(ILogger logger, string reason);
}
