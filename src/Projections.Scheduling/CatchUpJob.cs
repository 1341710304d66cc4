using Microsoft.Extensions.Logging;
using Projections.Checks;
using Projections.Commands;
using Projections.Definitions;
using Projections.Tables;
using Quartz;
using Quartz.Spi;

namespace Projections.Scheduling;

/// <summary>One fire of a projection's schedule: claims it, and checks the projection if no other worker has it.</summary>
[DisallowConcurrentExecution]
internal sealed partial class CatchUpJob(ProjectionSystem system) : IJob
{
    private readonly ILogger _logger = system.Loggers.CreateLogger<CatchUpJob>();

    public static JobKey KeyOf(ProjectionName projection) => new(projection.Value, "catch-up check");

    public Task Execute(IJobExecutionContext context) =>
        TryCheckAsync(new ProjectionName(context.JobDetail.Key.Name), context.ScheduledFireTimeUtc ?? context.FireTimeUtc, context.CancellationToken);

    /// <summary>Checks a projection unless this fire was claimed already. What goes wrong is tried again at the next fire.</summary>
    /// <param name="projection">The projection.</param>
    /// <param name="scheduled">When the fire was due.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    public async Task TryCheckAsync(ProjectionName projection, DateTimeOffset scheduled, CancellationToken cancellationToken)
    {
        try
        {
            if (await CheckFires.TryClaimAsync(system, projection, scheduled, system.Time.GetUtcNow(), cancellationToken))
            {
                await new CheckCommand { Projection = projection }.RunAsync(system, new CommandContext("catch-up check"), cancellationToken);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotChecked(_logger, projection, exception.Message);
        }
    }

    [LoggerMessage(801, LogLevel.Warning, "'{Projection}' could not be checked ({Reason}); the next fire of its schedule tries again.")]
    private static partial void LogNotChecked(ILogger logger, ProjectionName projection, string reason);

    /// <summary>Gives jobs what they work on.</summary>
    public sealed class Factory(ProjectionSystem system) : IJobFactory
    {
        public IJob NewJob(TriggerFiredBundle bundle, IScheduler scheduler) => new CatchUpJob(system);

        public void ReturnJob(IJob job)
        {
            // It holds nothing.
        }
    }
}
