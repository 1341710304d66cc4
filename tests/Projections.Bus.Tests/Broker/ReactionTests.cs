using System.Collections.Concurrent;
using MassTransit;
using Projections.Bus.Publishing;
using Projections.EndToEnd;
using Projections.EndToEnd.Reactions;
using Projections.EndToEnd.Tallies;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Bus.Tests.Broker;

/// <summary>Messages of reactions, on the way from the outbox to whoever subscribes to them.</summary>
public sealed class ReactionTests(PostgresFixture postgres, RabbitMqBroker broker) : IClassFixture<PostgresFixture>, IClassFixture<RabbitMqBroker>
{
    [BrokerFact]
    public async Task Messages_are_published_in_order_by_their_class_and_again_with_the_same_id_where_nobody_could_note_that_they_were()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        var heard = new ConcurrentQueue<(Guid? Id, TallyChanged Message, string? Position)>();
        var listener = MassTransit.Bus.Factory.CreateUsingRabbitMq(configure =>
        {
            configure.Host(broker.Address);
            configure.ReceiveEndpoint($"heard-{Guid.NewGuid():n}", endpoint =>
            {
                // One at a time: whoever takes several, handles them in any order.
                endpoint.PrefetchCount = 1;
                endpoint.Handler<TallyChanged>(context =>
                {
                    heard.Enqueue((context.MessageId, context.Message, context.Headers.Get<string>(ReactionPublisher.Position)));
                    return Task.CompletedTask;
                });
            });
        });
        await listener.StartAsync();
        try
        {
            await using var service = await BusWorld.StartAsync(
                world,
                TallyWorld.Both.WithReactions(new TallyMail()),
                null,
                ("Transport", "RabbitMq"), ("Address", broker.Address.ToString()), ("Queue", $"projections-{Guid.NewGuid():n}"));
            await service.ConnectedAsync();
            await world.BuildAndSwitchAsync(service.System, "tally", 1);
            await world.StartReactionsAsync(service.System);
            await world.AddAsync(TallyWorld.StreamOf(1), 1, 2, 3);
            await world.EventuallyAsync("select count(*) from projections.message", 0L);
            await HearsAsync(heard, 3);
            heard.Select(one => one.Message).ShouldBe([new(1, 1, 2), new(2, 2, 4), new(3, 4, 7)]);
            heard.Select(one => one.Position).ShouldBe(["101", "102", "103"]);

            // As where the process, or its session, dies between the broker's word and the note of it.
            await world.Database.ExecuteAsync(
                """
                create function lose() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return old; end $$;
                create trigger losing before delete on projections.message for each row execute function lose()
                """);
            await world.AddAsync(TallyWorld.StreamOf(1), 4, 5);
            await HearsAsync(heard, 5);
            await world.Database.ExecuteAsync("drop trigger losing on projections.message");
            await world.EventuallyAsync("select count(*) from projections.message", 0L);

            var again = heard.Skip(3).ToList();
            again[1].ShouldBe(again[0]);
            heard.DistinctBy(one => one.Id).Select(one => one.Message.Amount).ShouldBe([1, 2, 3, 4, 5]);
        }
        finally
        {
            await listener.StopAsync();
        }
    }

    private static async Task HearsAsync(ConcurrentQueue<(Guid? Id, TallyChanged Message, string? Position)> heard, int messages)
    {
        var began = DateTime.UtcNow;
        while (heard.Count < messages)
        {
            (DateTime.UtcNow - began).ShouldBeLessThan(Deadline.Generous, $"{heard.Count} messages came");
            await Task.Delay(10);
        }
    }
}
