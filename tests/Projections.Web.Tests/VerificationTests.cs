using System.Net;
using Projections.Events;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Web;

/// <summary>Proving, explaining and repairing over HTTP.</summary>
public sealed class VerificationTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Summary = "/projections/invoice_summary";

    [PostgresFact]
    public async Task A_wrong_row_is_found_explained_and_repaired_before_reads_are_switched()
    {
        await using var world = await WithBothAsync(50);
        var wrong = await world.Database.ScalarAsync<Guid>("update invoice_summary_v2 set customer = 'somebody' where invoice_id = (select min(invoice_id::text)::uuid from invoice_summary_v2) returning invoice_id");

        var found = await world.OrderAsync($"{Summary}/verify", new { why = "before the switch" });
        (found.Text("state"), found.Text("who"), found.Text("why")).ShouldBe(("done", $"http@{Environment.MachineName}", "before the switch"));
        found.GetProperty("work").Text("kind").ShouldBe("verify");
        var result = found.GetProperty("result").GetProperty("result");
        (result.GetProperty("agrees").GetBoolean(), result.GetProperty("differing").GetInt64(), result.GetProperty("equal").GetInt64()).ShouldBe((false, 1, 49));
        found.Text("outcome").ShouldContain("differ at position");

        var explained = await (await world.CommandAsync($"{Summary}/explain", new { key = wrong, why = "a customer asks" })).ShouldBeAsync(HttpStatusCode.OK);
        explained.GetProperty("stored")[1].Text("row").ShouldContain("somebody");
        explained.GetProperty("steps").EnumerateArray().Last().GetProperty("rows")[1].Text("row").ShouldNotContain("somebody");

        var refused = await (await world.CommandAsync($"{Summary}/switch", new { to = 2, requireVerified = true })).ShouldBeAsync(HttpStatusCode.Conflict);
        refused.GetProperty("gates").EnumerateArray().Select(gate => gate.Text("gate")).ShouldBe(["verified"]);
        (await world.GetAsync($"{Summary}/versions/2/switch?requireVerified=true")).GetProperty("gates").GetArrayLength().ShouldBe(1);
        (await world.GetAsync($"{Summary}/versions/2")).GetProperty("verified").GetProperty("agrees").GetBoolean().ShouldBeFalse();

        var repaired = await world.OrderAsync($"{Summary}/repair", new { version = 2, whereDifferent = true });
        repaired.Text("outcome").ShouldBe("1 rows of invoice_summary v2 were folded anew: the table had 1 of them, and has 1.");
        (await world.OrderAsync($"{Summary}/verify", new { from = 1, to = 2 })).GetProperty("result").GetProperty("result").GetProperty("agrees").GetBoolean().ShouldBeTrue();
        (await world.GetAsync($"{Summary}/versions/2")).GetProperty("verified").GetProperty("with").GetInt32().ShouldBe(1);
        await (await world.CommandAsync($"{Summary}/switch", new { to = 2, requireVerified = true })).ShouldBeAsync(HttpStatusCode.OK);

        (await world.GetAsync($"{Summary}/work-orders")).EnumerateArray().Select(order => order.GetProperty("work").Text("kind")).ShouldBe(["verify", "repair", "verify"]);
    }

    [PostgresFact]
    public async Task Whoever_only_looks_sees_which_rows_differ_and_not_what_is_in_them()
    {
        await using var world = await WithBothAsync(20);
        var wrong = await world.Database.ScalarAsync<Guid>("update invoice_summary_v2 set customer = 'somebody' where invoice_id = (select min(invoice_id::text)::uuid from invoice_summary_v2) returning invoice_id");
        var order = await world.OrderAsync($"{Summary}/verify", new { });

        foreach (var looked in (string[])[$"explain?key={wrong}", "side-by-side", "work-orders", $"work-orders/{order.Text("id")}"])
        {
            var seen = (await world.GetAsync($"{Summary}/{looked}")).GetRawText();
            seen.ShouldContain("text of 8", customMessage: looked);
            seen.ShouldNotContain("somebody", customMessage: looked);
            seen.ShouldContain(wrong.ToString(), customMessage: looked);
        }

        var shown = await (await world.CommandAsync($"{Summary}/show-rows", new { why = "a customer asks" })).ShouldBeAsync(HttpStatusCode.OK);
        shown.GetProperty("result").GetProperty("differences")[0].GetProperty("samples")[0].GetProperty("later").Text("customer").ShouldBe("somebody");
        (await world.GetAsync($"{Summary}/history")).GetRawText().ShouldContain("Rows in which invoice_summary v2 differs from v1 were shown with their values.");
    }

    [PostgresFact]
    public async Task A_version_is_compared_with_its_events_and_a_rebuild_is_planned_and_rehearsed()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 50);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.Database.ExecuteAsync("delete from invoice_summary_v1 where invoice_id = (select min(invoice_id::text)::uuid from invoice_summary_v1)");

        var verified = await world.OrderAsync($"{Summary}/verify", new { againstEvents = true });
        verified.GetProperty("result").GetProperty("result").GetProperty("onlyInLater").GetInt64().ShouldBe(1);

        var plan = await world.GetAsync($"{Summary}/plan?to=2");
        (plan.Text("replay"), plan.GetProperty("eventsInAll").GetInt64()).ShouldBe(("full", await EventsAsync(world)));
        plan.GetProperty("contract").GetProperty("lost").EnumerateArray().Select(column => column.GetString()).ShouldBe(["line_count", "closed"]);

        var rehearsed = await world.OrderAsync($"{Summary}/dry-run", new { to = 2 });
        (rehearsed.GetProperty("version").GetInt32(), rehearsed.GetProperty("result").GetProperty("rows").GetInt64()).ShouldBe((2, 50));
        (await world.Database.ScalarAsync<bool>("select to_regclass('invoice_summary_v2') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task An_order_that_is_given_twice_is_carried_out_once_and_found_at_the_same_address()
    {
        await using var world = await WithBothAsync(20);
        var key = Guid.NewGuid().ToString();
        var first = await world.OrderAsync($"{Summary}/verify", new { }, key);

        var second = await world.CommandAsync($"{Summary}/verify", new { }, key);

        (await second.ShouldBeAsync(HttpStatusCode.Accepted)).GetProperty("alreadyDone").GetBoolean().ShouldBeTrue();
        second.Headers.Location!.OriginalString.ShouldBe($"{Summary}/work-orders/{first.Text("id")}");
        first.Text("id").ShouldBe(key);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.verification")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task An_order_that_is_called_off_has_ended_with_who_and_why()
    {
        await using var world = await WithBothAsync(5);
        await (await world.CommandAsync($"{Summary}/pause", new { version = 2 })).ShouldBeAsync(HttpStatusCode.OK);
        await world.BecomesAsync("invoice_summary", 2, "paused");
        // The paused version stays behind, for as long as the order may wait.
        await world.Store.AppendAsync(new StreamId(Guid.NewGuid()), [("something_else", "{}")]);
        await Deadline.UntilAsync(
            () => world.Database.ScalarAsync<bool>("select min(position_major) < max(position_major) from projections.version"), apart => apart, "leave the paused version behind");
        var accepted = await world.CommandAsync($"{Summary}/verify", new { from = 1, to = 2, patienceSeconds = 3600 });
        await accepted.ShouldBeAsync(HttpStatusCode.Accepted);
        var order = accepted.Headers.Location!.OriginalString;

        var called = await (await world.CommandAsync($"{order}/cancel", new { why = "it takes too long" })).ShouldBeAsync(HttpStatusCode.OK);

        called.Text("outcome").ShouldContain("is called off");
        var found = await world.GetAsync(order);
        (found.Text("state"), found.Text("failure")).ShouldBe(("failed", $"It was called off by http@{Environment.MachineName}: it takes too long."));
        (await (await world.CommandAsync($"{order}/cancel")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("alreadyDone").GetBoolean().ShouldBeTrue();
        (await (await world.CommandAsync($"{Summary}/work-orders/{Guid.NewGuid()}/cancel")).ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "mistake")).ShouldContain("There is no work order");
    }

    [PostgresFact]
    public async Task What_cannot_be_explained_or_found_is_told_with_the_reason()
    {
        await using var world = await WithBothAsync(5);

        (await (await world.Client.GetAsync($"{Summary}/explain?key=seven")).ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "mistake")).ShouldContain("A key is no key of invoice_summary v1");
        (await (await world.Client.GetAsync($"{Summary}/explain")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "mistake")).ShouldContain("key");
        (await (await world.Client.GetAsync($"{Summary}/plan?to=9")).ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "mistake")).ShouldContain("no invoice_summary v9");
        (await (await world.Client.GetAsync($"{Summary}/work-orders/{Guid.NewGuid()}")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "not-found")).ShouldContain("no work order");
        await world.Database.ExecuteAsync("alter table invoice_summary_v2 drop constraint invoice_summary_v2_pkey");
        var failed = await world.OrderAsync($"{Summary}/verify", new { });
        (failed.Text("state"), failed.GetProperty("result").ValueKind).ShouldBe(("failed", System.Text.Json.JsonValueKind.Null));
        failed.Text("failure").ShouldContain("cannot be matched");
    }

    private async Task<WebWorld> WithBothAsync(int invoices)
    {
        var world = await WebWorld.CreateAsync(postgres, invoices);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.BuildAsync("invoice_summary", 2);
        return world;
    }

    private static Task<long> EventsAsync(WebWorld world) =>
        world.Database.ScalarAsync<long>("select count(*) from mt_events where type in ('invoice_issued', 'line_added', 'tax_applied', 'payment_received', 'credit_note_issued', 'invoice_cancelled', 'invoice_closed')");
}
