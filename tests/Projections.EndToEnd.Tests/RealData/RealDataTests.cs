using Projections.PostgresEvents.Marten;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Projections.Definitions;
using Projections.Events;
using Projections.Testing;

namespace Projections.EndToEnd.RealData;

/// <summary>Real logs, rebuilt into a second version under readers and writers, against figures that others computed.</summary>
public sealed class RealDataTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [RealDataFact("traffic-fines.csv.gz")]
    public async Task Ten_thousand_traffic_fines_come_out_as_a_plain_script_has_them()
    {
        await using var world = await World.CreateAsync(await postgres.CreateDatabaseAsync(), new MartenLayout { StreamsAreUuids = false });
        (await world.Store.SeedAsync(EventLog.Read("traffic-fines.csv.gz"))).ShouldBe(34_724);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new FineV1(), new FineV2()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "fine", 1);

        // Fines of our own come in while v2 is rebuilt, and readers never see less of them, nor an error.
        using var stop = new CancellationTokenSource();
        var writing = AppendFinesAsync(world, stop.Token);
        var reading = ReadAsync(world, "select count(*) from fine", stop.Token);
        await world.BuildAsync(system, "fine", 2);
        await World.SwitchAsync(system, "fine", 2);
        await stop.CancelAsync();
        var written = await writing;
        (await reading).ShouldBeGreaterThan(0);
        await world.EventuallyAsync("select count(*) from fine where fine like 'ours-%'", (long)written);

        async Task<string> Of(string columns, string condition = "true") =>
            await world.Database.ScalarAsync<string>($"select concat_ws(' ', {columns}) from fine where fine not like 'ours-%' and {condition}");

        (await Of("sum(amount), sum(expense), sum(paid)")).ShouldBe("512867.5 86632.1 221755.4");
        (await Of("count(*), sum(outstanding), count(*) filter (where status <> 'Send for Credit Collection')", "outstanding > 0")).ShouldBe("5640 390205.0 2256");
        (await Of("count(*)", "outstanding = 0")).ShouldBe("4302");
        (await Of("count(*), sum(outstanding)", "outstanding < 0")).ShouldBe("58 -12460.8");
        (await Of("count(*), max(steps)", "true")).ShouldBe("10000 9");
        (await Of("count(*)", "payments > 1")).ShouldBe("279");
        (await world.ColumnAsync("select status || ' ' || count(*) from fine where fine not like 'ours-%' group by status order by count(*) desc")).ShouldBe(
            ["Payment 4535", "Send for Credit Collection 3384", "Send Fine 1893", "Send Appeal to Prefecture 182", "Appeal to Judge 5", "Notify Result Appeal to Offender 1"]);
    }

    [RealDataFact("online-retail.csv.gz")]
    public async Task A_year_of_a_shops_invoices_comes_out_to_the_tenth_of_a_penny()
    {
        await using var world = await World.CreateAsync(await postgres.CreateDatabaseAsync(), new MartenLayout { StreamsAreUuids = false });
        (await world.Store.SeedAsync(EventLog.Read("online-retail.csv.gz"))).ShouldBe(525_461);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new CustomerSalesV1(), new CustomerSalesV2(), new StockMovementV1()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "customer_sales", 1);

        using var stop = new CancellationTokenSource();
        var reading = ReadAsync(world, "select count(*) from customer_sales", stop.Token);
        await world.BuildAndSwitchAsync(system, "customer_sales", 2);
        await stop.CancelAsync();
        (await reading).ShouldBeGreaterThan(0);
        await world.BuildAndSwitchAsync(system, "stock_movement", 1);

        (await world.Database.ScalarAsync<decimal>("select sum(net) from customer_sales")).ShouldBe(9_539_484.634m);
        (await world.Database.ScalarAsync<decimal>("select sum(quantity) from customer_sales")).ShouldBe(5_432_041);
        (await world.Database.ScalarAsync<decimal>("select sum(net) from customer_sales where customer <> ''")).ShouldBe(8_348_208.574m);
        (await world.Database.ScalarAsync<decimal>("select lines::numeric from customer_sales where customer = ''")).ShouldBe(107_927);
        (await DigestAsync(world, "select customer || E'\\t' || lines || E'\\t' || quantity || E'\\t' || round(net, 3) || E'\\n' from customer_sales where customer <> '' order by customer collate \"C\""))
            .ShouldBe("af82d884c0f466e70ae1ef416c9c7decd9221b0562276ba02728b8491ab3bf4b");
        (await DigestAsync(world, "select code || E'\\t' || lines || E'\\t' || quantity || E'\\n' from stock_movement order by code collate \"C\""))
            .ShouldBe("255db47d3736f31c014047b7a813c5b9da0d71a481924b53fdc8aca6c45d67ed");
        (await world.Database.ScalarAsync<long>("select count(*) from stock_movement")).ShouldBe(4_632);
        (await world.Database.ScalarAsync<long>("select count(*) from stock_movement where quantity < 0")).ShouldBe(543);
    }

    private static async Task<string> DigestAsync(World world, string sql) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(await world.ColumnAsync(sql)))));

    /// <returns>How many fines were appended.</returns>
    private static async Task<int> AppendFinesAsync(World world, CancellationToken stop)
    {
        var written = 0;
        do
        {
            var stream = new StreamId(string.Create(CultureInfo.InvariantCulture, $"ours-{written++}"));
            await world.Store.AppendAsync(stream, [("Create Fine", """{"amount":"20.0"}"""), (FineEvents.Payment, """{"paymentamount":"200"}""")], cancellationToken: CancellationToken.None);
        }
        while (!stop.IsCancellationRequested);

        return written;
    }

    /// <returns>How many reads succeeded; none may fail, and none may see fewer rows than the one before.</returns>
    private static async Task<int> ReadAsync(World world, string count, CancellationToken stop)
    {
        var (reads, last) = (0, 0L);
        while (!stop.IsCancellationRequested)
        {
            var now = await world.Database.ScalarAsync<long>(count, CancellationToken.None);
            now.ShouldBeGreaterThanOrEqualTo(last);
            (reads, last) = (reads + 1, now);
        }

        return reads;
    }
}
