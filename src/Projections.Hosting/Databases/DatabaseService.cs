using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Postgres;

namespace Projections.Hosting.Databases;

/// <summary>Serves the databases of a list, and looks at the list again now and then: those that are new are opened, and those that are gone closed.</summary>
internal sealed partial class DatabaseService(DatabaseList list, DatabaseParts parts) : BackgroundService, IAsyncDisposable
{
    private readonly Dictionary<string, DatabaseRun> _runs = new(StringComparer.Ordinal);
    private readonly ILogger _logger = parts.Loggers.CreateLogger<DatabaseService>();

    /// <summary>Completes when it has stopped.</summary>
    public Task Completion => ExecuteTask ?? Task.CompletedTask;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await CloseAllAsync().WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAllAsync();
        Dispose();
        parts.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var error in parts.Registry.Errors)
        {
            WorkerService.LogWronglyDeclared(_logger, error);
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            await LookAsync(stoppingToken);
            await Task.Delay(list.Options.Interval, parts.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        try
        {
            await ApplyAsync(await list.ReadAsync(stop));
            parts.Served.ListTrouble = null;
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception exception)
        {
            // Those that there are go on.
            if (parts.Served.ListTrouble != exception.Cause)
            {
                LogNoList(_logger, exception.Cause);
            }

            parts.Served.ListTrouble = exception.Cause;
        }
    }

    private async Task ApplyAsync(IReadOnlyList<DatabaseAddress> addresses)
    {
        var wanted = addresses.ToDictionary(address => address.Name, StringComparer.Ordinal);
        // One that is somewhere else now is another one.
        var gone = _runs.Values.Where(run => wanted.GetValueOrDefault(run.Address.Name) != run.Address).ToList();
        foreach (var run in gone)
        {
            _runs.Remove(run.Address.Name);
            LogGone(_logger, run.Address.Name);
        }

        await Task.WhenAll(gone.Select(run => run.DisposeAsync().AsTask()));
        foreach (var address in addresses.Where(address => !_runs.ContainsKey(address.Name)))
        {
            LogNew(_logger, address.Name);
            _runs.Add(address.Name, new DatabaseRun(address, parts));
        }
    }

    private async Task CloseAllAsync()
    {
        var runs = _runs.Values.ToList();
        _runs.Clear();
        await Task.WhenAll(runs.Select(run => run.DisposeAsync().AsTask()));
    }

    [LoggerMessage(823, LogLevel.Warning, "The list of databases cannot be read ({Reason}); those that were on it are served as before.")]
    private static partial void LogNoList(ILogger logger, string reason);

    [LoggerMessage(824, LogLevel.Information, "The database '{Database}' is on the list: it is opened.")]
    private static partial void LogNew(ILogger logger, string database);

    [LoggerMessage(825, LogLevel.Information, "The database '{Database}' is on the list no longer, or is somewhere else: its leases are given back, and it is closed.")]
    private static partial void LogGone(ILogger logger, string database);
}
