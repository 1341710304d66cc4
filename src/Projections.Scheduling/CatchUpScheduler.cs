using System.Collections.Specialized;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Checks;
using Projections.Definitions;
using Projections.Serving;
using Quartz;
using Quartz.Impl;

namespace Projections.Scheduling;

/// <summary>Has the projections of all databases checked as long as the program runs.</summary>
internal sealed class CatchUpService(ServedDatabases databases, CheckSettings settings) : BackgroundService
{
    private readonly TaskCompletionSource _scheduled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when what was missed is made up for and the clock runs, for the first of them.</summary>
    internal Task Scheduled => _scheduled.Task;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (databases.Only is { } only)
        {
            only.Expectations = settings.CatchUp;
        }

        return base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        databases.ForEachAsync((system, stop) => new CatchUpScheduler(system, settings).RunAsync(() => _scheduled.TrySetResult(), stop), stoppingToken);
}

/// <summary>
/// Has every projection of a database checked when its cron expression says so, as long as the program runs. Quartz keeps the time; the
/// catalog keeps who fired, so that no clustered job store is needed.
/// </summary>
internal sealed partial class CatchUpScheduler(ProjectionSystem system, CheckSettings settings)
{
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = system.Loggers.CreateLogger<CatchUpScheduler>();
    /// <summary>Goes on until it is stopped.</summary>
    /// <param name="scheduled">Called when what was missed is made up for and the clock runs.</param>
    /// <param name="stoppingToken">Ends it.</param>
    public async Task RunAsync(Action scheduled, CancellationToken stoppingToken)
    {
        system.Expectations = settings.CatchUp;
        try
        {
            var projections = await PrepareAsync(stoppingToken);
            var scheduler = await StartAsync(projections);
            scheduled();
            try
            {
                await Task.Delay(Timeout.Infinite, stoppingToken);
            }
            finally
            {
                await scheduler.Shutdown(waitForJobsToComplete: true, CancellationToken.None);
            }
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops, whatever was under way.
        }
    }

    /// <summary>Finds the projections and makes up for what was missed, as soon as the database lets it.</summary>
    private async Task<IReadOnlyList<ProjectionName>> PrepareAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                var inCatalog = (await system.Catalog.ReadAllAsync(stop)).Select(projection => projection.Name);
                List<ProjectionName> projections = [.. inCatalog.Union(system.Registry.Projections)];
                await MakeUpAsync(projections, stop);
                return projections;
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                LogNoCatalog(_logger, exception.Message);
                await Task.Delay(AgainAfter, system.Time, stop);
            }
        }
    }

    /// <summary>Fires that were missed while no worker ran are made up for by one.</summary>
    private async Task MakeUpAsync(IReadOnlyList<ProjectionName> projections, CancellationToken stop)
    {
        foreach (var projection in projections)
        {
            var now = system.Time.GetUtcNow();
            var last = await CheckFires.ReadLastAsync(system, projection, now, stop);
            if (settings.CronOf(projection).GetNextValidTimeAfter(last) is { } missed && missed <= now)
            {
                LogMissed(_logger, projection, last);
                await new CatchUpJob(system).TryCheckAsync(projection, missed, stop);
            }
        }
    }

    private async Task<IScheduler> StartAsync(IReadOnlyList<ProjectionName> projections)
    {
        var factory = new StdSchedulerFactory(new NameValueCollection
        {
            // Quartz keeps schedulers by their names, and a process may have several systems.
            ["quartz.scheduler.instanceName"] = $"catch-up checks of {system.Name}",
            ["quartz.threadPool.maxConcurrency"] = "4",
        });
        var scheduler = await factory.GetScheduler();
        scheduler.JobFactory = new CatchUpJob.Factory(system);
        foreach (var projection in projections)
        {
            var job = JobBuilder.Create<CatchUpJob>().WithIdentity(CatchUpJob.KeyOf(projection)).Build();
            var cron = settings.CronOf(projection);
            var trigger = TriggerBuilder.Create()
                .WithIdentity(projection.Value, "catch-up check")
                .WithCronSchedule(cron.CronExpressionString, schedule => schedule.InTimeZone(TimeZoneInfo.Utc).WithMisfireHandlingInstructionFireAndProceed())
                .Build();
            await scheduler.ScheduleJob(job, trigger);
        }

        await scheduler.Start();
        return scheduler;
    }

    [LoggerMessage(802, LogLevel.Warning, "The catch-up checks cannot begin ({Reason}); trying again.")]
    private static partial void LogNoCatalog(ILogger logger, string reason);

    [LoggerMessage(803, LogLevel.Information, "Checks of '{Projection}' were missed since {Last}; one is made for all of them.")]
    private static partial void LogMissed(ILogger logger, ProjectionName projection, DateTimeOffset last);
}
