using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;

namespace Projections.Migrations.Hosting;

/// <summary>
/// Applies what is pending while the host starts, before any server or worker that was added after it. When that fails, the host
/// does not start: the exception leaves <c>RunAsync</c>, and the process ends with a non-zero exit code.
/// </summary>
internal sealed partial class MigrationsAtStart(
    string connectionString, MigrationOptions options, MigrationGuard? guard, TimeProvider time, ILogger<MigrationsAtStart> logger) : IHostedLifecycleService, IProgress<MigrationProgress>
{
    // The starting phase of every service comes before the start of the first, so nothing takes traffic before this is over.
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { IncludeErrorDetail = true });
        var runner = new MigrationRunner(database, options, time, this);
        var report = guard is null
            ? await runner.UpAsync(new UpRequest(), cancellationToken)
            : await new GuardedUp(runner, options, guard, connectionString).RunAsync(new UpRequest { SafetySkipped = guard.SafetySkipped }, cancellationToken);
        report.ThrowIfFailed();
        Current(options.Service, report.Done.Count);
    }

    public void Report(MigrationProgress value)
    {
        switch (value)
        {
            case MigrationProgress.WaitingForRunner:
                Waiting(options.Service);
                break;
            case MigrationProgress.Finished finished:
                Applied(finished.Migration.Id, finished.Tenant ?? options.Service, (long)finished.Took.TotalMilliseconds);
                break;
            case MigrationProgress.Retrying retrying:
                Retrying(retrying.Migration.Id, retrying.Attempt, retrying.Pause);
                break;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Information, "The schema of {Service} is current; {Count} migrations were applied.")]
    private partial void Current(string service, int count);

    [LoggerMessage(2, LogLevel.Information, "Another runner is at work on {Service}; waiting for it.")]
    private partial void Waiting(string service);

    [LoggerMessage(3, LogLevel.Information, "{Migration} was applied in {Place} in {Milliseconds} ms.")]
    private partial void Applied(string migration, string place, long milliseconds);

    [LoggerMessage(4, LogLevel.Warning, "{Migration} could not get a lock (try {Attempt}); trying again in {Pause}.")]
    private partial void Retrying(string migration, int attempt, TimeSpan pause);
}
