using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Bus.Commands;

/// <summary>A kind of message that asks for a command.</summary>
internal abstract class CommandMessage
{
    public abstract void AddConsumer(IBusRegistrationConfigurator bus);

    public abstract void Configure(IReceiveEndpointConfigurator endpoint, IBusRegistrationContext context, IPartitioner partitioner);

    /// <summary>The command that a message asks for, as the core knows it.</summary>
    /// <exception cref="OperationRefused">It says what no message may say.</exception>
    public abstract Command CommandOf(IProjectionCommand message);

    /// <param name="translate">The command that a message asks for.</param>
    /// <param name="answer">What whoever asked is told, and nobody else; <c>null</c> (the default) where nobody waits for it.</param>
    public static CommandMessage Of<TMessage, TResult>(Func<TMessage, Command<TResult>> translate, Func<TResult, object>? answer = null)
        where TMessage : class, IProjectionCommand
        where TResult : ICommandResult =>
        new CommandMessage<TMessage>(
            translate,
            async (command, system, context, stop) =>
            {
                var result = await ((Command<TResult>)command).RunAsync(system, context, stop);
                return new Done(result.Outcome, answer?.Invoke(result));
            })
        { IsAnswered = answer is not null };

    /// <summary>What came of a command.</summary>
    /// <param name="Outcome">In a sentence.</param>
    /// <param name="Answer">What whoever asked is told; <c>null</c> where nobody waits for it.</param>
    internal sealed record Done(string Outcome, object? Answer = null);
}

/// <inheritdoc cref="CommandMessage"/>
internal sealed class CommandMessage<TMessage>(Func<TMessage, Command> translate, Func<Command, ProjectionSystem, CommandContext, CancellationToken, Task<CommandMessage.Done>> run) : CommandMessage
    where TMessage : class, IProjectionCommand
{
    /// <summary>Some twenty minutes, less than the half hour after which RabbitMQ takes an unacknowledged message away. A database
    /// that is down for longer leaves the command in the error queue.</summary>
    private const int Retries = 45;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PauseGrowth = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether whoever asks waits for an answer.</summary>
    public bool IsAnswered { get; init; }

    public override void AddConsumer(IBusRegistrationConfigurator bus)
    {
        bus.AddSingleton(this);
        bus.AddConsumer<CommandConsumer<TMessage>>();
    }

    public override void Configure(IReceiveEndpointConfigurator endpoint, IBusRegistrationContext context, IPartitioner partitioner) =>
        endpoint.ConfigureConsumer<CommandConsumer<TMessage>>(
            context,
            consumer => consumer.Message<TMessage>(message =>
            {
                message.UsePartitioner(partitioner, received => $"{received.Headers.Get<string>(ProjectionHeaders.Database)} {received.Message.Projection}");
                message.UseMessageRetry(retry =>
                {
                    retry.Handle<Exception>(PassingFault.Is);
                    retry.Exponential(Retries, FirstPause, LongestPause, PauseGrowth);
                });
            }));

    public override Command CommandOf(IProjectionCommand message) => translate((TMessage)message) with
    {
        Projection = NameOf(message),
        Why = message.Reason,
    };

    private static ProjectionName NameOf(IProjectionCommand message)
    {
        try
        {
            return new ProjectionName(message.Projection);
        }
        catch (FormatException invalid)
        {
            throw new OperationRefused(invalid.Message, isMistake: true);
        }
    }

    public Task<Done> RunAsync(TMessage message, ProjectionSystem system, CancellationToken cancellationToken) =>
        run(CommandOf(message), system, new CommandContext(message.RequestedBy, message.CommandId, "bus"), cancellationToken);
}
