using Microsoft.Extensions.Logging.Abstractions;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.PostgresEvents;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Testing;
using Projections.TestServers;
using Projections.WorkOrders;

namespace Projections.CommandLine;

/// <summary>What people see of proving, explaining and repairing.</summary>
public sealed class VerificationVerbTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_wrong_row_is_found_explained_and_repaired()
    {
        await using var world = await World.CreateAsync(postgres, 50);
        var program = world.Program;
        (await program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto")).ShouldExitWith(0);
        (await program.RunAsync("verify", "invoice_summary")).ShouldExitWith(3).Errors.ShouldContain("invoice_summary v1 is the only version that has a table");
        (await program.RunAsync("rebuild", "invoice_summary", "--to", "2")).ShouldExitWith(0);

        var agree = (await program.RunAsync("verify", "invoice_summary")).ShouldExitWith(0).Output;
        agree.ShouldContain("invoice_summary v1 and v2 at position 500 agree");
        agree.ShouldContain("'net' was not compared: declared to have another meaning.");
        agree.ShouldNotContain("Samples");

        var wrong = await world.Database.ScalarAsync<Guid>("update invoice_summary_v2 set customer = 'somebody' where number = 'R-00000007' returning invoice_id");
        var differ = (await program.RunAsync("verify", "invoice_summary", "--from", "1", "--to", "2")).ShouldExitWith(3).Output;
        differ.ShouldContain("invoice_summary v1 and v2 at position 500 differ");
        Words(differ).ShouldContain("differing 1");
        differ.ShouldContain("'customer' differs in 1 rows.");
        Words(differ).ShouldMatch($"{wrong} customer text of [0-9]+ text of 8");
        var json = (await program.RunAsync("verify", "invoice_summary", "--json")).ShouldExitWith(3).Json.GetProperty("result");
        json.GetProperty("differences")[0].GetProperty("samples")[0].GetProperty("later").GetProperty("customer").GetString().ShouldBe("text of 8");
        Words((await program.RunAsync("show-rows", "invoice_summary", "--why", "a customer asks")).ShouldExitWith(0).Output).ShouldMatch($"{wrong} customer customer-[0-9]+ somebody");

        var explained = (await program.RunAsync("explain", "invoice_summary", wrong.ToString())).ShouldExitWith(0).Output;
        explained.ShouldContain("invoice_issued, event 1 of " + wrong);
        explained.ShouldContain("v2 has another row in its table than its events make.");
        explained.ShouldContain($"Read were the events of {wrong} up to position 500.");
        explained.ShouldNotContain("v1 has another row");
        explained.ShouldContain("somebody");
        var history = (await program.RunAsync("history", "invoice_summary")).ShouldExitWith(0).Output;
        history.ShouldContain("a customer asks");
        Words(history).ShouldContain($"It was shown how the row {wrong} came to be");

        (await program.RunAsync("repair", "invoice_summary", "--version", "2", "--key", wrong.ToString())).ShouldExitWith(0).Output
            .ShouldContain("1 rows of invoice_summary v2 were folded anew: the table had 1 of them, and has 1.");
        (await program.RunAsync("verify", "invoice_summary")).ShouldExitWith(0);
        (await program.RunAsync("switch", "invoice_summary", "--to", "2", "--require-verified")).ShouldExitWith(0);
    }

    [PostgresFact]
    public async Task A_version_is_compared_with_its_events()
    {
        await using var world = await World.CreateAsync(postgres, 50);
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto")).ShouldExitWith(0);

        (await world.Program.RunAsync("verify", "invoice_summary", "--against-events")).ShouldExitWith(0).Output.ShouldContain("invoice_summary v1 agrees with its 500 events up to position 500");
        await world.Database.ExecuteAsync("update invoice_summary_v1 set customer = 'somebody'");

        var differs = (await world.Program.RunAsync("verify", "invoice_summary", "--version", "1", "--against-events", "--sample", "50%", "--json")).ShouldExitWith(3).Json;
        differs.GetProperty("share").GetDouble().ShouldBe(0.5);
        differs.GetProperty("result").GetProperty("differing").GetInt64().ShouldBe(differs.GetProperty("result").GetProperty("rowsOfEarlier").GetInt64());
    }

    [PostgresFact]
    public async Task An_order_is_listed_and_called_off_with_who_and_why()
    {
        await using var world = await World.CreateAsync(postgres, 5);
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto")).ShouldExitWith(0);
        (await world.Program.RunAsync("orders", "invoice_summary")).ShouldExitWith(0).Output.ShouldContain("Nothing was ordered.");
        var order = Guid.NewGuid();
        var source = await PostgresEventSource.OpenAsync(world.Database.DataSource, EventTableMapping.Marten("public"));
        await using (var system = new ProjectionSystem(
            ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly), world.Database.ConnectionString, source, new ProjectionsOptions(), NullLoggerFactory.Instance))
        {
            await new VerifyCommand { Projection = new ProjectionName("invoice_summary"), AgainstEvents = true, Why = "is it right?" }.RunAsync(system, new CommandContext("ana", order), CancellationToken.None);
        }

        (await world.Program.RunAsync("orders", "invoice_summary")).ShouldExitWith(0).Output.ShouldContain(order.ToString());
        (await world.Program.RunAsync("orders", "invoice_summary", "cancel")).ShouldExitWith(2).Errors.ShouldContain("Say with '--id' which order");
        (await world.Program.RunAsync("orders", "invoice_summary", "cancel", "--id", Guid.NewGuid().ToString())).ShouldExitWith(2).Errors.ShouldContain("There is no work order");

        (await world.Program.RunAsync("orders", "invoice_summary", "cancel", "--id", order.ToString(), "--why", "it takes too long")).ShouldExitWith(0)
            .Output.ShouldContain("given by ana, is called off");

        var listed = (await world.Program.RunAsync("orders", "invoice_summary", "--json")).ShouldExitWith(0).Json[0];
        listed.GetProperty("state").GetString().ShouldBe("failed");
        listed.GetProperty("failure").GetString().ShouldEndWith(": it takes too long.");
    }

    [PostgresFact]
    public async Task A_key_of_several_parts_is_written_with_commas_or_as_json()
    {
        await using var world = await World.CreateAsync(postgres, 50);
        var program = world.Program;
        (await program.RunAsync("rebuild", "customer_month_revenue", "--switch", "auto")).ShouldExitWith(0);
        var customer = await world.Database.ScalarAsync<string>("select min(customer) from customer_month_revenue");

        var explained = (await program.RunAsync("explain", "customer_month_revenue", $"{customer}, 2024-01-01")).ShouldExitWith(0).Output;
        explained.ShouldContain("invoice_closed");
        explained.ShouldContain("Read were all events up to position 500.");
        explained.ShouldNotContain("another row");
        (await program.RunAsync("explain", "customer_month_revenue", $"[\"{customer}\", \"2024-01-01\"]", "--json")).ShouldExitWith(0).Json
            .GetProperty("key").EnumerateArray().Select(part => part.GetString()).ShouldBe([customer, "2024-01-01"]);

        (await program.RunAsync("explain", "customer_month_revenue", customer!)).ShouldExitWith(2).Errors.ShouldContain("it has 1 parts, and the key is (customer, month)");
        (await program.RunAsync("explain", "customer_month_revenue", $"{customer},May")).ShouldExitWith(2).Errors.ShouldContain("A key is no key of customer_month_revenue v1");
        (await program.RunAsync("repair", "customer_month_revenue", "--key", $"{customer},2024-01-01")).ShouldExitWith(3).Errors.ShouldContain("override StreamOf in CustomerMonthRevenueV1");
        (await program.RunAsync("repair", "customer_month_revenue")).ShouldExitWith(2).Errors.ShouldContain("without knowing which rows");
    }

    [PostgresFact]
    public async Task A_line_of_an_invoice_is_repaired_by_its_two_parts()
    {
        await using var world = await World.CreateAsync(postgres, 20);
        var invoice = Guid.NewGuid();
        await world.Store.AppendAsync(new StreamId(invoice), [("line_added", """{"line":1,"product":"paper","quantity":2,"unitPrice":3.50}""")]);
        (await world.Program.RunAsync("rebuild", "open_items", "--switch", "auto")).ShouldExitWith(0);
        await world.Database.ExecuteAsync($"delete from open_items_v1 where invoice_id = '{invoice}'");

        (await world.Program.RunAsync("repair", "open_items", "--key", $"{invoice},1")).ShouldExitWith(0).Output.ShouldContain("the table had 0 of them, and has 1.");

        (await world.Database.ScalarAsync<decimal>($"select net from open_items where invoice_id = '{invoice}' and line = 1")).ShouldBe(7.00m);
    }

    [PostgresFact]
    public async Task A_rebuild_is_planned_and_rehearsed_before_anything_is_done()
    {
        await using var world = await World.CreateAsync(postgres, 50);
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto")).ShouldExitWith(0);

        var plan = (await world.Program.RunAsync("plan", "invoice_summary")).ShouldExitWith(0).Output;
        plan.ShouldContain("invoice_summary v2: all of history is replayed");
        Words(plan).ShouldContain("events in all 500");
        plan.ShouldContain("lost: line_count, closed");
        plan.ShouldContain("'cached plan must not change result type'");

        await world.Store.AppendAsync(new StreamId(Guid.NewGuid()), [("tax_applied", """{"rate":0.19,"amount":1}"""), ("invoice_archived", "{}")]);
        var rehearsed = (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "2", "--dry-run")).ShouldExitWith(3).Output;
        rehearsed.ShouldContain("invoice_summary v2, rehearsed on 100% of the streams");
        Words(rehearsed).ShouldContain("rows 50");
        rehearsed.ShouldContain("1 events 'tax_applied' fail, the first at 501");
        rehearsed.ShouldContain("1 events 'invoice_archived' are not handled.");
        (await world.Database.ScalarAsync<bool>("select to_regclass('invoice_summary_v2') is null")).ShouldBeTrue();
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--dry-run", "--sample", "0%")).ShouldExitWith(2);
    }

    // A table's cells are set apart by blanks, as many as the widest needs.
    private static string Words(string text) => System.Text.RegularExpressions.Regex.Replace(text, "[ │|]+", " ");
}
