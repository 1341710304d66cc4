using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Postgres;

namespace Projections.WorkOrders;

/// <summary>
/// Carries an order out, unless another worker has it. Faults that pass leave it waiting, for a day; every other ends it, and so does somebody
/// who calls it off.
/// </summary>
internal sealed partial class WorkOrderRun(ProjectionSystem system, OpenOrder open)
{
    /// <summary>For how long an order that meets only faults that pass is tried. Whoever gave it does not wait any longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = system.Loggers.CreateLogger<WorkOrderRun>();

    public async Task RunAsync(CancellationToken stop)
    {
        await using var held = await SessionLock.TryTakeAsync(system.ReadModels, WorkOrderStore.LockKind, open.Number, stop);
        if (held is null || await BeginAsync(stop) is not { } order)
        {
            return;
        }

        using var calledOff = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watching = WatchAsync(order, calledOff, done.Token);
        try
        {
            var result = await order.Work.RunAsync(system, order.Version.Projection, order.Actor, null, calledOff.Token);
            await EndAsync(order, result, null, stop);
            LogDone(_logger, order.Work.Verb, order.Version.ToString(), order.Actor.Who, result.Outcome);
        }
        catch (OperationCanceledException) when (calledOff.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            LogCalledOff(_logger, order.Work.Verb, order.Version.ToString(), order.Actor.Who);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && !PassingFault.Is(exception))
        {
            await FailAsync(order, exception.Cause, stop);
        }
        catch (Exception exception) when (PassingFault.Is(exception))
        {
            if (!await HasBeenTriedForLongAsync(order, stop))
            {
                throw;
            }

            await FailAsync(order, $"It was tried for more than {Patience.TotalHours:0} hours and met only faults that pass by themselves, the last of them: {exception.Cause}", stop);
        }
        finally
        {
            await done.CallOffAsync();
            await watching;
        }
    }

    /// <summary>Cancels the work when somebody calls the order off.</summary>
    private async Task WatchAsync(WorkOrder order, CancellationTokenSource calledOff, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(BetweenLooks, system.Time, done);
                await using var connection = await system.ReadModels.OpenConnectionAsync(done);
                if (await WorkOrderStore.HasEndedAsync(connection, order.Id, done))
                {
                    await calledOff.CallOffAsync();
                    return;
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException || PassingFault.Is(exception))
            {
                // The work meets the same.
            }
        }
    }

    private async Task<bool> HasBeenTriedForLongAsync(WorkOrder order, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        return await WorkOrderStore.TriedForAsync(connection, order.Id, stop) > Patience;
    }

    private async Task FailAsync(WorkOrder order, string reason, CancellationToken stop)
    {
        await EndAsync(order, null, reason, stop);
        LogFailed(_logger, order.Work.Verb, order.Version.ToString(), order.Actor.Who, reason);
    }

    private async Task<WorkOrder?> BeginAsync(CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        return await WorkOrderStore.BeginAsync(connection, open.Number, system.Name, stop);
    }

    private async Task EndAsync(WorkOrder order, WorkResult? result, string? failure, CancellationToken stop)
    {
        await using NpgsqlConnection connection = await system.ReadModels.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await WorkOrderStore.EndAsync(connection, order, result, failure, stop);
        await transaction.CommitAsync(stop);
    }

    [LoggerMessage(633, LogLevel.Information, "The order to {Verb} {Version}, given by {Who}, was called off.")]
    private static partial void LogCalledOff(ILogger logger, string verb, string version, string who);

    [LoggerMessage(631, LogLevel.Information, "The order to {Verb} {Version}, given by {Who}, was carried out: {Outcome}")]
    private static partial void LogDone(ILogger logger, string verb, string version, string who, string outcome);

    [LoggerMessage(632, LogLevel.Warning, "The order to {Verb} {Version}, given by {Who}, could not be carried out: {Reason}")]
    private static partial void LogFailed(ILogger logger, string verb, string version, string who, string reason);
}
