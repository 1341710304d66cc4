using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Hosting.Configuration;
using Projections.Postgres;
using Projections.Serving;
using Projections.Workers;

namespace Projections.Hosting.Databases;

/// <summary>Serves one database until it goes: opens it, works on it, and tries again, after growing pauses, whenever that is not possible.</summary>
internal sealed partial class DatabaseRun : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly DatabaseParts _parts;
    private readonly ServedDatabase _shown;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <param name="address">Where it is.</param>
    /// <param name="parts">What all databases of the program are opened with.</param>
    public DatabaseRun(DatabaseAddress address, DatabaseParts parts)
    {
        Address = address;
        _parts = parts;
        _logger = parts.Loggers.CreateLogger<DatabaseRun>();
        _shown = parts.Served.Add(address.Name);
        _running = Task.Run(RunAsync);
    }

    public DatabaseAddress Address { get; }

    /// <summary>Finishes the batches in hand, commits them, gives the leases back and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CallOffAsync();
        await _running;
        _parts.Served.Remove(_shown);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await WorkAsync(() => pause = FirstPause);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Tell(exception);
                await Task.Delay(pause, _parts.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task WorkAsync(Action opened)
    {
        using var connections = _parts.Connections.Take();
        var settings = _parts.SettingsOf(Address).Paced(_parts.Count);
        await using var configured = new ConfiguredSystem(
            _parts.Registry, settings, new DatabaseLoggers(Address.Name, _parts.Loggers), new ServingPlace(Address.Name, _parts.Process, connections.Connections), _parts.Time);
        await OpenAsync(configured);
        configured.System.Expectations = _parts.Expectations();
        var worker = Worker.Start(configured.System);
        try
        {
            opened();
            TellOpened();
            var checks = new LastChecks(configured.System);
            _shown.Open(configured.System, () => [.. worker.Troubles, .. worker.Failures, .. checks.Troubles]);
            _shown.TryRunBeside((_, stop) => checks.RunAsync(stop), _stop.Token);
            _parts.Served.Signal();
            await Task.WhenAny(worker.Completion, Task.Delay(Timeout.Infinite, _stop.Token));
            if (!_stop.IsCancellationRequested)
            {
                await worker.Completion;
            }
        }
        finally
        {
            await _shown.CloseAsync();
            _parts.Served.Signal();
            await worker.DisposeAsync();
        }
    }

    private async Task OpenAsync(ConfiguredSystem configured)
    {
        await _parts.Openings.WaitAsync(_stop.Token);
        try
        {
            await configured.OpenNowForWorkAsync(_stop.Token);
        }
        finally
        {
            _parts.Openings.Release();
        }
    }

    private void Tell(Exception exception)
    {
        if (_shown.Break(Words(exception)))
        {
            LogBroken(_logger, Address.Name, _shown.Obstacle!);
            _parts.Served.Signal();
        }
    }

    private void TellOpened()
    {
        if (_shown.IsBroken)
        {
            LogHealed(_logger, Address.Name);
        }
    }

    private string Words(Exception exception) => exception switch
    {
        PostgresException { IsAboutRights: true } denied => $"The role has not the rights that it needs in {ServerAddress.Of(Address.ReadModels!)}: {denied.MessageText}. Grant them, or use another role.",
        _ => exception.Cause,
    };

    [LoggerMessage(821, LogLevel.Error, "The database '{Database}' cannot be served, and is tried again: {Reason}")]
    private static partial void LogBroken(ILogger logger, string database, string reason);

    [LoggerMessage(822, LogLevel.Information, "The database '{Database}' is served again.")]
    private static partial void LogHealed(ILogger logger, string database);
}
