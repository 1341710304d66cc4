using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>
/// Passes on what waits in an outbox in its order, at least once. Of any number of workers one does it; when it dies, the next does.
/// No transaction is open while a publisher is waited for: it would hold back vacuum and the safe head of event tables.
/// </summary>
internal sealed partial class OutboxRelay<TItem>
{
    private const int AtOnce = 100;

    /// <summary>How long one publication may take: a broker that is away is tried again, and seen in the log.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>How long nothing may be heard before the table is looked at all the same.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(5);

    /// <summary>For each database of the process, at least.</summary>
    private static readonly TimeSpan SilencePerDatabase = TimeSpan.FromMilliseconds(100);

    private readonly ProjectionSystem _system;
    private readonly IOutbox<TItem> _outbox;
    private readonly IPublisher<TItem> _publisher;
    private readonly ILogger _logger;

    /// <param name="system">The system on whose database it is.</param>
    /// <param name="outbox">What is passed on.</param>
    /// <param name="publisher">Where to.</param>
    public OutboxRelay(ProjectionSystem system, IOutbox<TItem> outbox, IPublisher<TItem> publisher)
    {
        _system = system;
        _outbox = outbox;
        _publisher = publisher;
        _logger = system.Loggers.CreateLogger<OutboxRelay<TItem>>();
    }

    /// <summary>Passes on whatever comes until <paramref name="stop"/> is cancelled; faults of the database and of the
    /// publisher are waited out.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var pause = FirstPause;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                while (!await _outbox.IsInUseAsync(stop))
                {
                    await Task.Delay(_system.Process.Pace(LongestSilence / 5, SilencePerDatabase), _system.Time, stop);
                }

                await using var connection = await _system.Listening.OpenConnectionAsync(stop);
                while (!await connection.ScalarAsync<bool>("select pg_try_advisory_lock($1)", stop, _outbox.Lock))
                {
                    await Task.Delay(LongestSilence / 5, _system.Time, stop);
                }

                await using var relay = new HeldLock(connection);
                var isHeard = false;
                connection.Notification += (_, _) => isHeard = true;
                await connection.ExecuteAsync($"listen {_outbox.Channel}", stop);
                while (await _outbox.IsInUseAsync(stop))
                {
                    isHeard = false;
                    await PassOnAsync(connection, () => pause = FirstPause, stop);
                    // What came in behind the last look was signalled with its answer, and is not signalled again.
                    if (!isHeard)
                    {
                        await connection.WaitAsync(LongestSilence, stop);
                    }
                }
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                // Stopped, whatever was under way; what was not noted is passed on again.
                return;
            }
            catch (Exception exception)
            {
                LogInterrupted(_logger, _outbox.Name, exception.Cause, pause.TotalSeconds);
                await Task.Delay(pause, _system.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task PassOnAsync(NpgsqlConnection connection, Action worked, CancellationToken stop)
    {
        IReadOnlyList<TItem> items;
        do
        {
            items = await _outbox.ReadAsync(connection, AtOnce, stop);
            foreach (var item in items)
            {
                await PublishAsync(item, stop);
                await _outbox.PassedOnAsync(connection, item, CancellationToken.None);
                worked();
            }
        }
        while (items.Count > 0);
    }

    private async Task PublishAsync(TItem item, CancellationToken stop)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limited.CancelAfter(Patience);
        try
        {
            await _publisher.PublishAsync(item, limited.Token).WaitAsync(limited.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException($"{item} could not be passed on within {Patience.TotalSeconds:0} s.");
        }
    }

    /// <summary>Gives the lock and the channel up before the connection goes back to the pool.</summary>
    private sealed class HeldLock(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await connection.ExecuteAsync("unlisten *; select pg_advisory_unlock_all()", CancellationToken.None);
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or IOException)
            {
                // The connection is broken; with it went the lock.
            }
        }
    }

    [LoggerMessage(601, LogLevel.Warning, "The {Outbox} are not passed on at the moment ({Reason}); they are kept, and tried again in {Seconds} s.")]
    private static partial void LogInterrupted(ILogger logger, string outbox, string reason, double seconds);
}
