using MassTransit;
using Projections.Chaos.Ground;
using Projections.Contracts;

namespace Projections.Chaos.Commands;

/// <summary>The message bus. What comes of a message, its sender does not wait for.</summary>
internal sealed class BusDoor : IDoor, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly IBusControl _bus;

    private BusDoor(IBusControl bus) => _bus = bus;

    public string Name => "bus";

    public int Weight => 3;

    public static async Task<BusDoor> OpenAsync(ChaosGround ground, CancellationToken cancellationToken)
    {
        var bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(configure => configure.Host(ground.Broker!.Address));
        await bus.StartAsync(cancellationToken);
        return new BusDoor(bus);
    }

    public bool Knows(ChaosCommand command) => Message(command) is not null;

    public async Task<Answer> SendAsync(ChaosCommand command, Random random)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            // It waits for the broker's word, and looks at the token no more, even when the broker is gone that was to say it.
            await _bus.Publish(Message(command)!, limit.Token).WaitAsync(limit.Token);
            return new Answer("sent", "");
        }
        catch (Exception exception) when (exception is OperationCanceledException or MassTransitException or RabbitMQ.Client.Exceptions.RabbitMQClientException)
        {
            return Answer.Unavailable("the broker is away");
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await _bus.StopAsync(limit.Token);
    }

    private static object? Message(ChaosCommand command)
    {
        const string by = "chaos";
        var (id, projection, version) = (command.Id, command.Projection, command.Version);
        return command.Verb switch
        {
            "rebuild" => new RebuildProjection
            {
                CommandId = id, Projection = projection, Version = version, RequestedBy = by,
                EventsPerSecond = command.EventsPerSecond, SwitchWhenReady = command.SwitchWhenReady, Shards = command.Shards,
            },
            "switch" => new SwitchProjection { CommandId = id, Projection = projection, Version = version, RequestedBy = by },
            "rollback" => new RollbackProjection { CommandId = id, Projection = projection, RequestedBy = by },
            "pause" => new PauseRebuild { CommandId = id, Projection = projection, Version = version, RequestedBy = by },
            "resume" => new ResumeRebuild { CommandId = id, Projection = projection, Version = version, RequestedBy = by },
            "abort" => new AbortRebuild { CommandId = id, Projection = projection, Version = version, RequestedBy = by },
            "retire" => new RetireVersion { CommandId = id, Projection = projection, Version = version, RequestedBy = by },
            "verify" => new VerifyProjection { CommandId = id, Projection = projection, PatienceSeconds = 20, RequestedBy = by },
            "repair" => new RepairProjection { CommandId = id, Projection = projection, Version = version, Keys = [command.Key], RequestedBy = by },
            _ => null,
        };
    }
}
