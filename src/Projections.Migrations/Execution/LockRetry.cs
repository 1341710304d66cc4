using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Execution;

/// <summary>Tries a piece of work again, after growing pauses, when it could not get a lock in time.</summary>
internal sealed class LockRetry(MigrationOptions options, TimeProvider time)
{
    /// <param name="work">The work; it leaves nothing behind when it fails.</param>
    /// <param name="onRetry">Told before each pause: the number of the failed try, and the pause.</param>
    /// <param name="cancellationToken">Ends the pauses and the work.</param>
    public async Task RunAsync(Func<Task> work, Action<int, TimeSpan> onRetry, CancellationToken cancellationToken)
    {
        var pause = options.FirstRetryPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await work();
                return;
            }
            catch (PostgresException refused) when (attempt < options.LockAttempts && refused.IsAboutLocks)
            {
                onRetry(attempt, pause);
            }

            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < options.LongestRetryPause ? pause * 2 : options.LongestRetryPause;
        }
    }
}
