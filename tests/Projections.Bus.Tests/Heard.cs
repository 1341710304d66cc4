using MassTransit;
using Projections.Contracts;
using Projections.TestServers;

namespace Projections.Bus.Tests;

/// <summary>What somebody who subscribes to everything has heard, in the order of arrival.</summary>
internal sealed class Heard
{
    private readonly Lock _lock = new();
    private readonly List<(object Message, Guid? Id)> _messages = [];
    private TaskCompletionSource _more = New();

    /// <summary>Each message once, however often it was delivered.</summary>
    public IReadOnlyList<object> Messages
    {
        get
        {
            lock (_lock)
            {
                return [.. _messages.DistinctBy(message => message.Id).Select(message => message.Message)];
            }
        }
    }

    public IReadOnlyList<IRecordedProjectionEvent> Recorded => [.. Messages.OfType<IRecordedProjectionEvent>()];

    /// <summary>Subscribes an endpoint to all events and to the faults of all commands.</summary>
    public void Subscribe(IReceiveEndpointConfigurator endpoint)
    {
        // One at a time: whoever takes several, handles them in any order.
        endpoint.PrefetchCount = 1;
        endpoint.ConcurrentMessageLimit = 1;
        On<RebuildStarted>(endpoint);
        On<RebuildProgressed>(endpoint);
        On<ProjectionCaughtUp>(endpoint);
        On<ProjectionSwitched>(endpoint);
        On<ProjectionRolledBack>(endpoint);
        On<RebuildFailed>(endpoint);
        On<ProjectionLagging>(endpoint);
        On<CatchUpRecovered>(endpoint);
        On<VersionRetired>(endpoint);
        On<ProjectionVerified>(endpoint);
        On<RowsRepaired>(endpoint);
        On<WorkFailed>(endpoint);
        On<Fault<RebuildProjection>>(endpoint);
        On<Fault<SwitchProjection>>(endpoint);
        On<Fault<RollbackProjection>>(endpoint);
        On<Fault<PauseRebuild>>(endpoint);
        On<Fault<ResumeRebuild>>(endpoint);
        On<Fault<ShowEvent>>(endpoint);
        On<Fault<RetireVersion>>(endpoint);
        On<Fault<CheckCatchUp>>(endpoint);
        On<Fault<VerifyProjection>>(endpoint);
        On<Fault<RepairProjection>>(endpoint);
    }

    /// <summary>Waits until a message of a kind has come that fits.</summary>
    public async Task<T> HearsAsync<T>(Func<T, bool>? fits = null)
        where T : class
    {
        using var patience = new CancellationTokenSource(Deadline.Generous);
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_messages.Select(message => message.Message).OfType<T>().FirstOrDefault(fits ?? (_ => true)) is { } found)
                {
                    return found;
                }

                more = _more.Task;
            }

            try
            {
                await more.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException($"No fitting {typeof(T).Name} came, but: {string.Join(", ", Messages.Select(message => message.GetType().Name))}");
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void On<T>(IReceiveEndpointConfigurator endpoint)
        where T : class =>
        endpoint.Handler<T>(context =>
        {
            TaskCompletionSource more;
            lock (_lock)
            {
                _messages.Add((context.Message, context.MessageId));
                (more, _more) = (_more, New());
            }

            more.SetResult();
            return Task.CompletedTask;
        });
}
