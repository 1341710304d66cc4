using System.Text;
using MassTransit;
using Projections.Catalog;
using Projections.Contracts;
using Projections.EndToEnd;
using Projections.EndToEnd.Tallies;
using Projections.Testing;
using Projections.TestServers;
using RabbitMQ.Client;

namespace Projections.Bus.Tests.Broker;

public sealed class RabbitMqTests(PostgresFixture postgres, RabbitMqBroker broker) : IClassFixture<PostgresFixture>, IClassFixture<RabbitMqBroker>
{
    private readonly string _queue = $"projections-{Guid.NewGuid():n}";

    [BrokerFact]
    public async Task A_rebuild_goes_on_while_the_broker_is_down_and_everything_is_told_when_it_is_back()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(1000);
        await using var service = await StartAsync(world);
        await service.ConnectedAsync();
        var heard = new Heard();
        await using var listener = await ConnectAsync(heard);
        await service.Bus.Publish(BusWorld.Rebuild(1, eventsPerSecond: 150));
        await heard.HearsAsync<RebuildProgressed>();

        await broker.KillAsync();
        await world.Database.ExecuteAsync("update projections.version set throttle = null");
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(1000);
        heard.Recorded.OfType<ProjectionCaughtUp>().ShouldBeEmpty();
        await broker.StartAsync();

        await heard.HearsAsync<ProjectionCaughtUp>();
        heard.Recorded.Select(e => e.GetType().Name).ShouldBe(["RebuildStarted", "ProjectionCaughtUp"]);
        // The consumers are back, too.
        await listener.Publish(BusWorld.Switch(1));
        await heard.HearsAsync<ProjectionSwitched>();
        await world.EventuallyAsync("select count(*) from projections.announcement", 0L);
    }

    [BrokerFact]
    public async Task Commands_wait_for_the_service_and_are_done_once_however_often_they_come()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(300);
        var heard = new Heard();
        await using var listener = await ConnectAsync(heard);
        var rebuild = BusWorld.Rebuild(1);
        await using (var before = await StartAsync(world))
        {
            // Declares the queue, which outlives the service.
            await before.ConnectedAsync();
        }

        for (var time = 0; time < 3; time++)
        {
            await SendAsync(listener, rebuild);
        }

        // Two services on one database compete for the commands.
        await using var first = await StartAsync(world);
        await using var second = await StartAsync(world);
        await heard.HearsAsync<ProjectionCaughtUp>();
        await SendAsync(listener, rebuild);
        await SendAsync(listener, BusWorld.Switch(1));
        await heard.HearsAsync<ProjectionSwitched>();
        (await world.Database.ScalarAsync<long>("select count(*) from projections.command")).ShouldBe(2);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.transition where to_state = 'planned'")).ShouldBe(1);
    }

    [BrokerFact]
    public async Task Whom_the_broker_refuses_at_the_start_is_let_in_when_it_knows_them()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        var late = $"late-{Guid.NewGuid():n}";
        await using var service = await BusWorld.StartAsync(
            world, null, ("Transport", "RabbitMq"), ("Address", broker.Address.ToString()), ("Queue", _queue), ("Username", late), ("Password", "secret"));
        await Deadline.UntilAsync(service.FindTrouble, trouble => trouble?.Contains("refuses the user", StringComparison.Ordinal) == true, "say that it is refused");

        await broker.AdministerAsync("add_user", late, "secret");
        await broker.AdministerAsync("set_permissions", late, ".*", ".*", ".*");

        await service.ConnectedAsync();
        var heard = new Heard();
        await using var listener = await ConnectAsync(heard);
        await SendAsync(listener, BusWorld.Rebuild(1));
        await heard.HearsAsync<ProjectionCaughtUp>();
    }

    [BrokerFact]
    public async Task Bad_commands_land_in_the_error_queue_with_the_reason_and_the_worker_lives_on()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        await using var service = await StartAsync(world);
        await service.ConnectedAsync();
        var heard = new Heard();
        await using var listener = await ConnectAsync(heard);

        await SendAsync(listener, BusWorld.Rebuild(7));
        await SendRawAsync("this is no JSON");
        await SendRawAsync("""{"messageType":["urn:message:Projections.Contracts:RebuildProjection"],"message":{"commandId":"no guid","projection":"tally"}}""");
        await SendAsync(listener, BusWorld.Rebuild(1));
        await heard.HearsAsync<ProjectionCaughtUp>();

        var fault = await heard.HearsAsync<Fault<RebuildProjection>>();
        fault.Exceptions[0].Message.ShouldBe("There is no tally v7 in this program. It has v1, v2 of 'tally'.");
        var errors = await ReadErrorsAsync(3);
        errors.ShouldContain(error => error.Contains("There is no tally v7 in this program", StringComparison.Ordinal));
        errors.Count.ShouldBe(3);
    }

    [BrokerFact(Npm = true)]
    public async Task A_client_in_JavaScript_has_a_version_built_and_switched_to()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(300);
        await using var service = await StartAsync(world);
        await service.ConnectedAsync();
        using var amqplib = await AmqpLib.InstallAsync();

        var said = await amqplib.RunAsync("node", Path.Combine(AppContext.BaseDirectory, "Broker", "rebuild.mjs"), broker.Address.ToString(), _queue, "tally", "2");

        said.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["ProjectionCaughtUp tally v2", "ProjectionSwitched tally v2", "who: deploy-script"]);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe(300);
        (await world.AuditAsync("tally", 2))[0].ShouldBe("planned deploy-script a column more");
    }

    private Task<BusWorld> StartAsync(World world) =>
        BusWorld.StartAsync(world, null, ("Transport", "RabbitMq"), ("Address", broker.Address.ToString()), ("Queue", _queue));

    /// <summary>Somebody else on the bus, who hears everything.</summary>
    private async Task<Client> ConnectAsync(Heard heard)
    {
        var bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(configure =>
        {
            configure.Host(broker.Address);
            configure.ReceiveEndpoint($"heard-{Guid.NewGuid():n}", endpoint =>
            {
                // Durable: what is published while the listener reconnects waits for it.
                heard.Subscribe(endpoint);
            });
        });
        await bus.StartAsync();
        return new Client(bus);
    }

    private async Task SendAsync<T>(Client client, T message)
        where T : class =>
        await (await client.Bus.GetSendEndpoint(new Uri($"exchange:{_queue}"))).Send(message);

    private async Task SendRawAsync(string body)
    {
        await using var connection = await ConnectRawAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        var properties = new BasicProperties { ContentType = "application/vnd.masstransit+json", DeliveryMode = DeliveryModes.Persistent };
        await channel.BasicPublishAsync("", _queue, mandatory: true, properties, Encoding.UTF8.GetBytes(body));
    }

    /// <summary>The reasons of the messages in the error queue, once there are that many.</summary>
    private async Task<IReadOnlyList<string>> ReadErrorsAsync(int count)
    {
        await using var connection = await ConnectRawAsync();
        await using var channel = await connection.CreateChannelAsync();
        var reasons = new List<string>();
        for (var look = 0; look < 300 && reasons.Count < count; look++)
        {
            if (await channel.BasicGetAsync($"{_queue}_error", autoAck: true) is { } message)
            {
                reasons.Add(Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers!["MT-Fault-Message"]!));
            }
            else
            {
                await Task.Delay(50);
            }
        }

        return reasons;
    }

    private Task<IConnection> ConnectRawAsync() => new ConnectionFactory { Uri = broker.Address }.CreateConnectionAsync();

    private sealed class Client(IBusControl bus) : IAsyncDisposable
    {
        public IBus Bus => bus;

        public Task Publish<T>(T message)
            where T : class =>
            bus.Publish(message);

        public async ValueTask DisposeAsync() => await bus.StopAsync();
    }
}
