using Projections.Contracts;
using System.Globalization;
using System.Text.Json;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd;
using Projections.EndToEnd.Feeds;
using Projections.EndToEnd.Reactions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.InvoiceSummary.V2;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Bus.Tests.Broker;

/// <summary>Feeds, on the way to whoever keeps a copy by the bus.</summary>
public sealed class FeedTests(PostgresFixture postgres, RabbitMqBroker broker) : IClassFixture<PostgresFixture>, IClassFixture<RabbitMqBroker>
{
    /// <summary>How many workers are killed.</summary>
    private static readonly int Kills = World.Setting("FEED_BUS_KILLS", 3);

    private (string Setting, string Value)[] OnBroker => [("Transport", "RabbitMq"), ("Address", broker.Address.ToString()), ("Queue", $"projections-{Guid.NewGuid():n}")];

    [BrokerFact]
    public async Task A_copy_that_began_with_a_snapshot_is_kept_by_the_bus_across_switches()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(200);
        await using var heard = await HeardFeed.StartAsync(broker.Address);
        await using var service = await BusWorld.StartAsync(world, ProjectionRegistry.Of(new TallyV1(), new SkippingTallyV2()), null, OnBroker);
        await service.ConnectedAsync();
        await world.BuildAndSwitchAsync(service.System, "tally", 1);
        await world.BuildAsync(service.System, "tally", 2);
        await service.Bus.Publish(new StartFeed { CommandId = Guid.NewGuid(), Projection = "tally", Publish = true, RequestedBy = "ana" });
        await world.EventuallyAsync("select count(*) from projections.feed_publication", 1L);
        await world.AddAsync(TallyWorld.StreamOf(1), 1, 2, 3);
        await world.AtTheHeadAsync();
        var copy = await new FeedCopy(service.System, TallyWorld.Tally).ReadAsync();
        foreach (var number in new[] { 2, 1 })
        {
            await world.AddAsync(TallyWorld.StreamOf(2), 3, 1);
            await world.AddAsync(Guid.NewGuid(), 7);
            await world.AtTheHeadAsync();
            await World.SwitchAsync(service.System, "tally", number);
            await world.AddAsync(Guid.NewGuid(), 3, 1, 4);
            await world.AtTheHeadAsync();
        }

        await HearsAllAsync(world, heard);
        foreach (var (_, message) in heard.Messages)
        {
            (await copy.TakeAsync(message)).ShouldBeTrue($"{message.After} follows {copy.CursorText()}");
        }

        copy.Rows.ShouldBe(await world.ViewAsync());
        heard.Messages.SelectMany(one => one.Message.Messages).Select(one => one.Kind).Distinct().Order().ShouldBe(["changes", "rows", "settled", "switched"]);
        heard.Messages.ShouldAllBe(one => one.Message.Projection == "tally");
    }

    [BrokerFact]
    public async Task What_nobody_could_note_as_published_comes_again_with_the_same_id_and_a_copy_knows_it_by_its_cursor()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        await using var heard = await HeardFeed.StartAsync(broker.Address);
        await using var service = await BusWorld.StartAsync(world, TallyWorld.Both, null, OnBroker);
        await service.ConnectedAsync();
        await world.BuildAndSwitchAsync(service.System, "tally", 1);
        await new StartFeedCommand { Projection = TallyWorld.Tally, Publish = true }.RunAsync(service.System, World.Someone, CancellationToken.None);
        var copy = await new FeedCopy(service.System, TallyWorld.Tally).ReadAsync();
        // As where the process, or its session, dies between the broker's word and the note of it.
        await world.Database.ExecuteAsync(
            """
            create function lose() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return old; end $$;
            create trigger losing before update on projections.feed_publication for each row execute function lose()
            """);
        await world.AddAsync(TallyWorld.StreamOf(1), 4);
        await Deadline.UntilAsync(() => Task.FromResult(heard.Messages.Count), count => count >= 2, "hear it twice");
        await world.Database.ExecuteAsync("drop trigger losing on projections.feed_publication");
        await world.AddAsync(TallyWorld.StreamOf(1), 5);
        await world.AtTheHeadAsync();
        await HearsAllAsync(world, heard);

        heard.Messages.Select(one => one.Id).Take(2).Distinct().ShouldHaveSingleItem();
        foreach (var (_, message) in heard.Messages)
        {
            (await copy.TakeAsync(message)).ShouldBeTrue();
        }

        copy.Rows.ShouldBe(await world.ViewAsync());
    }

    [BrokerFact]
    public async Task A_worker_that_is_killed_loses_nothing_and_the_next_goes_on()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(100);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new InvoiceSummaryV1(), new InvoiceSummaryV2()));
        var first = world.Start(system);
        await world.BuildAndSwitchAsync(system, "invoice_summary", 1);
        await world.BuildAsync(system, "invoice_summary", 2);
        var invoices = new ProjectionName("invoice_summary");
        await new StartFeedCommand { Projection = invoices, Publish = true }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.StopAsync(first);
        await using var heard = await HeardFeed.StartAsync(broker.Address);
        var copy = await new FeedCopy(system, invoices).ReadAsync();
        var settings = OnBroker.Select(setting => ($"Bus__{setting.Setting}", setting.Value)).ToList();
        using var stop = new CancellationTokenSource();
        var writing = KeepIssuingAsync(world, stop.Token);
        var worker = WorkerProcess.Start(world, settings, "run");
        for (var kill = 0; kill < Kills; kill++)
        {
            var before = heard.Messages.Count;
            await Deadline.UntilAsync(() => Task.FromResult(heard.Messages.Count), count => count > before + 10, $"hear more, but said: {worker.Said}");
            var next = WorkerProcess.Start(world, settings, "run");
            await Deadline.UntilAsync(() => TrySwitchAsync(system, 2 - (kill % 2)), isDone => isDone, "switch");
            await worker.KillAsync();
            await worker.DisposeAsync();
            worker = next;
        }

        await stop.CancelAsync();
        await writing;
        await world.AtTheHeadAsync("invoice_summary");
        await HearsAllAsync(world, heard);
        await worker.DisposeAsync();

        foreach (var (_, message) in heard.Messages)
        {
            (await copy.TakeAsync(message)).ShouldBeTrue($"{message.After} follows {copy.CursorText()}");
        }

        Normal(copy.Rows).ShouldBe(Normal(await world.ColumnAsync("select to_json(t)::text from invoice_summary t")));
    }

    private static async Task<bool> TrySwitchAsync(ProjectionSystem system, int version)
    {
        try
        {
            await World.SwitchAsync(system, "invoice_summary", version, new SwitchCommand { IgnoreOldSnapshots = true });
            return true;
        }
        catch (Exception exception) when (exception is OperationRefused or SwitchRefused)
        {
            // What is in the way while the next worker takes over passes.
            return false;
        }
    }

    /// <summary>Waits until all there is was published and heard.</summary>
    private static async Task HearsAllAsync(World world, HeardFeed heard)
    {
        await world.EventuallyAsync("select count(*) from projections.feed_entry where is_pending", 0L);
        await world.EventuallyAsync(
            "select not exists (select from projections.feed_entry e, projections.feed_publication p where (e.number, e.part) > (p.number, p.part))", true);
        await heard.HearsAsync((await world.Database.ScalarAsync<string>("select number || '-' || part || '-' || line from projections.feed_publication"))!);
    }

    /// <summary>Rows as they compare, in whatever order the view has its columns: 3.5 and 3.50 are one number.</summary>
    private static IReadOnlyList<string> Normal(IEnumerable<string> rows) =>
    [
        .. rows.Select(row => string.Join(' ', JsonDocument.Parse(row).RootElement.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member =>
            $"{member.Name}={(member.Value.ValueKind == JsonValueKind.Number ? member.Value.GetDecimal().ToString("0.#########", CultureInfo.InvariantCulture) : member.Value.GetRawText())}")))
            .Order(StringComparer.Ordinal),
    ];

    private static async Task KeepIssuingAsync(World world, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await world.Store.AppendAsync(
                new StreamId(Guid.NewGuid()),
                [
                    ("invoice_issued", """{"number":"N","customer":"ana","currency":"EUR","dueOn":"2026-01-01"}"""),
                    ("line_added", """{"line":1,"product":"paper","quantity":2,"unitPrice":3.50}"""),
                    ("payment_received", """{"amount":1.50,"method":"card","settledLines":[]}"""),
                ],
                cancellationToken: CancellationToken.None);
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
