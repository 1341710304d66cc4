using MassTransit;
using Projections.Contracts;
using Projections.Postgres;

namespace Projections.Bus.Commands;

/// <summary>The queue of commands: those of one projection are carried out one after the other, in the order of their arrival.</summary>
internal static class CommandEndpoint
{
    /// <summary>Some twenty minutes, less than the half hour after which RabbitMQ takes an unacknowledged message away. A database
    /// that is down for longer leaves the command in the error queue.</summary>
    private const int Retries = 45;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PauseGrowth = TimeSpan.FromMilliseconds(200);

    public static void AddConsumers(IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<RebuildProjectionConsumer>();
        bus.AddConsumer<PauseRebuildConsumer>();
        bus.AddConsumer<ResumeRebuildConsumer>();
        bus.AddConsumer<AbortRebuildConsumer>();
        bus.AddConsumer<SwitchProjectionConsumer>();
        bus.AddConsumer<RollbackProjectionConsumer>();
        bus.AddConsumer<RetireVersionConsumer>();
        bus.AddConsumer<CheckCatchUpConsumer>();
        bus.AddConsumer<VerifyProjectionConsumer>();
        bus.AddConsumer<RepairProjectionConsumer>();
        bus.AddConsumer<CancelWorkConsumer>();
    }

    public static void Configure(IReceiveEndpointConfigurator endpoint, IBusRegistrationContext context, BusOptions options)
    {
        endpoint.ConcurrentMessageLimit = options.ConcurrentCommands;
        var partitioner = endpoint.CreatePartitioner(options.ConcurrentCommands);
        Configure<RebuildProjectionConsumer, RebuildProjection>(endpoint, context, partitioner);
        Configure<PauseRebuildConsumer, PauseRebuild>(endpoint, context, partitioner);
        Configure<ResumeRebuildConsumer, ResumeRebuild>(endpoint, context, partitioner);
        Configure<AbortRebuildConsumer, AbortRebuild>(endpoint, context, partitioner);
        Configure<SwitchProjectionConsumer, SwitchProjection>(endpoint, context, partitioner);
        Configure<RollbackProjectionConsumer, RollbackProjection>(endpoint, context, partitioner);
        Configure<RetireVersionConsumer, RetireVersion>(endpoint, context, partitioner);
        Configure<CheckCatchUpConsumer, CheckCatchUp>(endpoint, context, partitioner);
        Configure<VerifyProjectionConsumer, VerifyProjection>(endpoint, context, partitioner);
        Configure<RepairProjectionConsumer, RepairProjection>(endpoint, context, partitioner);
        Configure<CancelWorkConsumer, CancelWork>(endpoint, context, partitioner);
    }

    private static void Configure<TConsumer, TCommand>(IReceiveEndpointConfigurator endpoint, IBusRegistrationContext context, IPartitioner partitioner)
        where TConsumer : class, IConsumer<TCommand>
        where TCommand : class, IProjectionCommand =>
        endpoint.ConfigureConsumer<TConsumer>(
            context,
            consumer => consumer.Message<TCommand>(message =>
            {
                message.UsePartitioner(partitioner, received => received.Message.Projection ?? "");
                message.UseMessageRetry(retry =>
                {
                    retry.Handle<Exception>(PassingFault.Is);
                    retry.Exponential(Retries, FirstPause, LongestPause, PauseGrowth);
                });
            }));
}
