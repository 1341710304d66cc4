using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>
/// Wakes a worker when the catalog has something for it: at once by LISTEN, and in any case after a while, because a
/// notification is lost while the connection is down.
/// </summary>
internal sealed partial class CatalogSignal : IAsyncDisposable
{
    private readonly NpgsqlDataSource _readModels;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _listening;
    private volatile TaskCompletionSource _signal = New();

    public CatalogSignal(NpgsqlDataSource readModels, TimeProvider time, ILogger logger)
    {
        _readModels = readModels;
        _time = time;
        _logger = logger;
        _listening = ListenAsync(_stop.Token);
    }

    /// <summary>Completes when it is disposed of; fails when it cannot listen any more.</summary>
    public Task Completion => _listening;

    /// <summary>The task that completes at the next signal. Take it before looking at the catalog, then wait for it.</summary>
    public Task Next => _signal.Task;

    /// <summary>Signals within this process, without a round trip.</summary>
    public void Raise() => Interlocked.Exchange(ref _signal, New()).SetResult();

    /// <summary>Waits for <paramref name="signal"/>, but no longer than <paramref name="atMost"/>.</summary>
    public async Task WaitAsync(Task signal, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var timer = Task.Delay(atMost, _time, either.Token);
        await Task.WhenAny(signal, timer);
        await either.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CallOffAsync();
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _readModels.OpenConnectionAsync(cancellationToken);
                connection.Notification += (_, _) => Raise();
                await connection.ExecuteAsync($"listen {ProjectionCatalog.Channel}", cancellationToken);
                // What was announced before we listened is found by looking.
                Raise();
                while (true)
                {
                    await connection.WaitAsync(cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (PassingFault.IsOfSession(exception))
            {
                LogDeaf(_logger, exception.Cause);
                await Task.Delay(TimeSpan.FromSeconds(1), _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(111, LogLevel.Warning, "Not listening for commands at the moment ({Reason}); the catalog is looked at regularly all the same.")]
    private static partial void LogDeaf(ILogger logger, string reason);
}
