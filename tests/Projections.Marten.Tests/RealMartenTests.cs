using Marten;
using Marten.Events;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Projections.Commands;
using Projections.Definitions;
using Projections.Hosting;
using Projections.Operations;
using Projections.PostgresEvents.Standbys;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Marten;

/// <summary>A host with a Marten store, of which Projections is told nothing that the store's options say.</summary>
public sealed class RealMartenTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly string[] Tenants = ["north", "south"];

    [PostgresFact]
    public async Task A_store_is_rebuilt_and_followed_by_what_its_options_say()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        using (var before = StoreOf(database, Shop.AtFirst))
        {
            await AppendAsync(before, "order-1", new OrderPlacedAtFirst("Ann", 10), new OrderPaid(4), new ShipmentNoted("Ulm", "Main St. 1"));
        }

        using var host = await StartAsync(database);
        var store = host.Services.GetRequiredService<IDocumentStore>();
        await AppendAsync(store, "order-2", new OrderPlaced("Bob", 20.5m, Channel.Web), new OrderPaid(20.5m), new OrderShipped("Rome"));
        await BuildAsync(host);
        (await RowsAsync(database)).ShouldBe(await AsMartenReadsThemAsync(store));

        await AppendAsync(store, "order-1", new OrderPaid(6));
        await AppendAsync(store, "order-3", new OrderPlaced("Cid", 1, Channel.Shop));

        var expected = await AsMartenReadsThemAsync(store);
        expected.Count.ShouldBe(6);
        expected[0].ShouldBe("north|order-1|Ann|10|10|Shop|Main St. 1, Ulm");
        await Deadline.UntilAsync(() => RowsAsync(database), rows => rows.SequenceEqual(expected), "follow what was appended last");
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task A_store_that_has_no_tables_yet_gets_them()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        using var host = await StartAsync(database);
        await BuildAsync(host);

        await AppendAsync(host.Services.GetRequiredService<IDocumentStore>(), "order-1", new OrderPlaced("Ann", 10, Channel.Web));

        await Deadline.UntilAsync(() => RowsAsync(database), rows => rows.Count == 2, "follow the first orders");
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task A_store_of_several_databases_is_refused()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        using var store = DocumentStore.For(options => options.MultiTenantedDatabases(databases => databases.AddSingleTenantDatabase(database.ConnectionString, "north")));

        (await Should.ThrowAsync<Events.EventSourceUnusable>(() => MartenEvents.OpenAsync(store))).Message.ShouldStartWith("The Marten store has several databases");
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task History_is_read_from_the_standby_that_is_named_beside_the_store()
    {
        await using var servers = await StandbyPair.StartAsync();
        await using var database = await PostgresFixture.CreateDatabaseAsync(servers.Primary);
        using var store = StoreOf(database, Shop.Today);
        await AppendAsync(store, "order-1", new OrderPlaced("Ann", 10, Channel.Web), new OrderPaid(4));
        await servers.CatchUpAsync();
        await using var standby = Npgsql.NpgsqlDataSource.Create(servers.Standby.ConnectionStringFor(database.Name));

        using var host = await StartAsync(database, _ => new StandbyOptions { DataSource = standby, FewestPositions = 1 });
        await BuildAsync(host);

        (await RowsAsync(database)).ShouldBe(await AsMartenReadsThemAsync(store));
        await host.StopAsync();
        await Deadline.UntilAsync(
            () => StandbyPair.ScalarAsync<long>(servers.Standby.ConnectionStringFor(database.Name), "select coalesce(sum(seq_scan + coalesce(idx_scan, 0)), 0)::bigint from pg_stat_user_tables where relname = 'mt_events'"),
            scans => scans > 0,
            "read the events on the standby");
    }

    private static DocumentStore StoreOf(TestDatabase database, Action<StoreOptions> configure) => DocumentStore.For(options =>
    {
        options.Connection(database.ConnectionString);
        configure(options);
    });

    private static async Task<IHost> StartAsync(TestDatabase database, Func<IServiceProvider, StandbyOptions>? standby = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:ReadModels", database.ConnectionString)]);
        builder.Services.AddSingleton<IDocumentStore>(_ => StoreOf(database, Shop.Today));
        builder.Services.AddProjectionsFromMarten(standby: standby).AddVersionsFrom(typeof(ShopOrdersV1).Assembly);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task BuildAsync(IHost host)
    {
        var projections = host.Services.GetRequiredService<IProjections>();
        var orders = new ProjectionName("shop_orders");
        await projections.RunAsync(new RebuildCommand { Projection = orders, To = 1, SwitchWhenReady = true }, new CommandContext("test"));
        await Deadline.UntilAsync(() => projections.FindStatusAsync(orders), status => status?.Projection.LiveVersion == 1, "go live");
    }

    /// <summary>The same for each tenant: streams have the same names.</summary>
    private static async Task AppendAsync(IDocumentStore store, string stream, params object[] events)
    {
        foreach (var tenant in Tenants)
        {
            await using var session = store.LightweightSession(tenant);
            session.Events.Append(stream, events);
            await session.SaveChangesAsync();
        }
    }

    private static async Task<List<string>> RowsAsync(TestDatabase database)
    {
        var rows = new List<string>();
        await using var command = database.DataSource.CreateCommand(
            "select concat_ws('|', tenant, order_name, customer, trim_scale(net), trim_scale(paid), sold_by, shipped_to) from shop_orders order by tenant, order_name");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    /// <summary>The rows by a fold over the events as Marten itself gives them out.</summary>
    private static async Task<List<string>> AsMartenReadsThemAsync(IDocumentStore store)
    {
        var rows = new SortedDictionary<string, ShopOrdersV1.Row>(StringComparer.Ordinal);
        foreach (var tenant in Tenants)
        {
            await using var session = store.QuerySession(tenant);
            foreach (var e in await session.Events.QueryAllRawEvents().OrderBy(e => e.Sequence).ToListAsync())
            {
                var key = $"{tenant}|{e.StreamKey}";
                switch (e.Data)
                {
                    case OrderPlaced placed:
                        rows.Add(key, new() { Customer = placed.CustomerName, Net = placed.NetTotal, SoldBy = placed.SoldBy.ToString() });
                        break;
                    case OrderPaid paid:
                        rows[key].Paid += paid.PaidAmount;
                        break;
                    case OrderShipped shipped:
                        rows[key].ShippedTo = shipped.ShippedTo;
                        break;
                    default:
                        throw new InvalidOperationException($"Marten gives out a {e.Data.GetType().Name}.");
                }
            }
        }

        return [.. rows.Select(row => FormattableString.Invariant(
            $"{row.Key}|{row.Value.Customer}|{row.Value.Net:0.####}|{row.Value.Paid:0.####}|{row.Value.SoldBy}{(row.Value.ShippedTo is null ? "" : $"|{row.Value.ShippedTo}")}"))];
    }
}
