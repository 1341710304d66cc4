using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Replay;

namespace Projections.WorkOrders;

/// <summary>Carries an order out, unless another worker has it. Faults that pass leave it waiting; every other ends it.</summary>
internal sealed partial class WorkOrderRun(ProjectionSystem system, OpenOrder open)
{
    private readonly ILogger _logger = system.Loggers.CreateLogger<WorkOrderRun>();

    public async Task RunAsync(CancellationToken stop)
    {
        await using var held = await OrderLock.TryTakeAsync(system.ReadModels, open.Number, stop);
        if (held is null || await BeginAsync(stop) is not { } order)
        {
            return;
        }

        try
        {
            var result = await order.Work.RunAsync(system, order.Version.Projection, order.Actor, stop);
            await EndAsync(order, result, null, stop);
            LogDone(_logger, order.Work.Verb, order.Version.ToString(), order.Actor.Who, result.Outcome);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && !PassingFault.Is(exception))
        {
            await EndAsync(order, null, exception.Message, stop);
            LogFailed(_logger, order.Work.Verb, order.Version.ToString(), order.Actor.Who, exception.Message);
        }
    }

    private async Task<WorkOrder?> BeginAsync(CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        return await WorkOrderBook.BeginAsync(connection, open.Number, system.Name, stop);
    }

    private async Task EndAsync(WorkOrder order, WorkResult? result, string? failure, CancellationToken stop)
    {
        await using NpgsqlConnection connection = await system.ReadModels.OpenConnectionAsync(stop);
        await WorkOrderBook.EndAsync(connection, order, result, failure, stop);
    }

    [LoggerMessage(801, LogLevel.Information, "The order to {Verb} {Version}, given by {Who}, was carried out: {Outcome}")]
    private static partial void LogDone(ILogger logger, string verb, string version, string who, string outcome);

    [LoggerMessage(802, LogLevel.Warning, "The order to {Verb} {Version}, given by {Who}, could not be carried out: {Reason}")]
    private static partial void LogFailed(ILogger logger, string verb, string version, string who, string reason);
}
