using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.CustomerMonthRevenue.V1;
using Projections.ReadModels.OpenItems.V1;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;

namespace Projections.EndToEnd;

/// <summary>Which rows a repair finds, and which versions have none that it could.</summary>
public sealed class RepairScopeTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task The_rows_of_one_tenant_can_be_repaired_and_those_of_others_stay_as_they_are()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.Store.SeedAsync(Enumerable.Range(0, 300).Select(i => new MartenEvent(
            new StreamId(TallyWorld.StreamOf(i % 30)), (i / 30) + 1, TallyEvents.Added, """{"amount":1}""", DateTime.UnixEpoch.AddSeconds(i), Tenant: i % 3 == 0 ? "north" : "south")));
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        await world.Database.ExecuteAsync("update tally_v2 set total = 77");

        (await RepairAsync(system, new RepairScope { Tenant = "north" })).ShouldBe(new RepairReport(new(TallyWorld.Tally, 2), 10, 10, 10));

        (await world.ColumnAsync("select total || ' ' || count(*) from tally_v2 group by total order by total")).ShouldBe(["10 10", "77 20"]);
        (await world.Database.ScalarAsync<long>($"select total from tally_v2 where id = '{TallyWorld.StreamOf(3)}'")).ShouldBe(10);
        (await RepairAsync(system, new RepairScope { Tenant = "nobody" })).Keys.ShouldBe(0);
    }

    [PostgresFact]
    public async Task Rows_that_cannot_be_mapped_to_streams_are_not_repaired_and_it_is_said_why_and_what_to_do()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(50);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new CustomerMonthRevenueV1()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "customer_month_revenue", 1);
        var key = (await world.ColumnAsync("select customer || ',' || month from customer_month_revenue limit 1"))[0];
        var before = await world.ColumnAsync("select t::text from customer_month_revenue t order by 1");

        var refused = await Should.ThrowAsync<OperationRefused>(
            new Repair(system).RunAsync(new("customer_month_revenue"), null, new RepairScope { Keys = [key] }, World.Anybody, null, CancellationToken.None));

        refused.Message.ShouldBe("Cannot repair customer_month_revenue v1: its keys come from inside the events, so a row's events may be in any stream. If each row has all its events in one stream that its key names, override StreamOf in CustomerMonthRevenueV1; else build the version anew under a new number.");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.repair")).ShouldBe(0);
        (await world.ColumnAsync("select t::text from customer_month_revenue t order by 1")).ShouldBe(before);
    }

    [PostgresFact]
    public async Task A_row_of_several_parts_whose_stream_is_declared_is_repaired_by_itself()
    {
        await using var world = await World.CreateAsync(postgres);
        // Of an invoice that is not paid yet, so that its lines are open.
        var invoice = Guid.NewGuid();
        await world.Store.AppendAsync(
            new StreamId(invoice),
            [
                ("invoice_issued", """{"number":"R-1","customer":"ana","currency":"EUR","dueOn":"2026-01-01"}"""),
                ("line_added", """{"line":1,"product":"paper","quantity":2,"unitPrice":3.50}"""),
                ("line_added", """{"line":2,"product":"ink","quantity":1,"unitPrice":9}"""),
            ]);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new OpenItemsV1()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "open_items", 1);
        await world.Database.ExecuteAsync("update open_items_v1 set product = 'wrong'");

        await new Repair(system).RunAsync(new("open_items"), null, new RepairScope { Keys = [$"{invoice}, 2"] }, World.Anybody, null, CancellationToken.None);

        (await world.ColumnAsync("select line || product from open_items order by line")).ShouldBe(["1wrong", "2ink"]);
        var explained = await new Explain(system).RunAsync(new("open_items"), $"[\"{invoice}\", \"2\"]", null, null, CancellationToken.None);
        explained.Streams.ShouldBe([invoice.ToString()]);
        explained.Steps.ShouldHaveSingleItem().Type.ShouldBe("line_added");
        var refused = await Should.ThrowAsync<OperationRefused>(
            new Repair(system).RunAsync(new("open_items"), null, new RepairScope { Keys = [invoice.ToString()] }, World.Anybody, null, CancellationToken.None));
        refused.Message.ShouldContain("it has 1 parts, and the key is (invoice_id, line)");
    }

    [PostgresFact]
    public async Task A_version_of_sql_statements_is_compared_with_its_events_as_a_whole_and_nothing_less()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new SqlTallyV1()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var key = TallyWorld.StreamOf(3).ToString();

        (await Should.ThrowAsync<OperationRefused>(new Repair(system).RunAsync(TallyWorld.Tally, 1, new RepairScope { Keys = [key] }, World.Anybody, null, CancellationToken.None)))
            .Message.ShouldBe("Cannot repair tally v1: its SQL statements may touch any row, so no row can be folded by itself. Build the version anew under a new number instead.");
        (await Should.ThrowAsync<OperationRefused>(new Explain(system).RunAsync(TallyWorld.Tally, key, null, null, CancellationToken.None)))
            .Message.ShouldContain("'projections verify tally --version 1 --against-events'");
        (await Should.ThrowAsync<OperationRefused>(AgainstEventsAsync(system, 0.5))).Message.ShouldContain("Leave '--sample' out");
        (await AgainstEventsAsync(system, 1)).Result.Equal.ShouldBe(100);
        await world.Database.ExecuteAsync($"update tally_v1 set total = 0 where id = '{key}'");
        (await AgainstEventsAsync(system, 1)).Result.Differing.ShouldBe(1);
    }

    [PostgresFact]
    public async Task Rows_in_which_versions_differ_are_not_looked_for_while_they_are_at_different_positions()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.LeaveBehindAsync(system);

        var refused = await Should.ThrowAsync<OperationRefused>(
            new Repair(system).RunAsync(TallyWorld.Tally, 1, new RepairScope { WhereDifferent = true }, World.Anybody, null, CancellationToken.None));

        refused.Message.ShouldBe("Cannot find the rows in which tally v1 and v2 differ: they are not at the same position. Wait until both are followed.");
    }

    private static Task<EventVerification> AgainstEventsAsync(ProjectionSystem system, double share) =>
        new VerifyAgainstEvents(system).RunAsync(TallyWorld.Tally, 1, share, CancellationToken.None);

    private static Task<RepairReport> RepairAsync(ProjectionSystem system, RepairScope scope) =>
        new Repair(system).RunAsync(TallyWorld.Tally, 2, scope, World.Anybody, null, CancellationToken.None);
}
