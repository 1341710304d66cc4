using System.Net;
using System.Text;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Web;

/// <summary>Commands over HTTP do what the same verbs do on the command line.</summary>
public sealed class CommandTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_version_is_built_switched_to_rolled_back_and_retired()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 200);

        var asked = await world.CommandAsync("/projections/invoice_summary/rebuild", new { to = 1, switchWhenReady = true, why = "the first" });
        asked.Headers.Location!.OriginalString.ShouldBe("/projections/invoice_summary/versions/1");
        (await asked.ShouldBeAsync(HttpStatusCode.Accepted)).Text("outcome").ShouldContain("will be rebuilt");
        await world.BecomesAsync("invoice_summary", 1, "live");
        await world.BuildAsync("invoice_summary", 2);

        var preview = await world.GetAsync("/projections/invoice_summary/versions/2/switch");
        preview.GetProperty("from").GetInt32().ShouldBe(1);
        preview.GetProperty("change").GetProperty("lost").EnumerateArray().Select(column => column.GetString()).ShouldBe(["line_count", "closed"]);
        preview.GetProperty("gates").GetArrayLength().ShouldBe(0);
        var switched = await (await world.CommandAsync("/projections/invoice_summary/switch", new { to = 2 })).ShouldBeAsync(HttpStatusCode.OK);
        switched.GetProperty("from").GetInt32().ShouldBe(1);
        (await world.Database.ScalarAsync<long>("select count(status) from invoice_summary")).ShouldBe(200);

        (await world.GetAsync("/projections/invoice_summary/rollback")).GetProperty("to").GetInt32().ShouldBe(1);
        var back = await (await world.CommandAsync("/projections/invoice_summary/rollback", new { why = "a report broke" })).ShouldBeAsync(HttpStatusCode.OK);
        back.Text("outcome").ShouldContain("go to v1, no longer to v2");
        await (await world.CommandAsync("/projections/invoice_summary/retire", new { version = 2 })).ShouldBeAsync(HttpStatusCode.OK);
        (await world.Database.ScalarAsync<bool>("select to_regclass('invoice_summary_v2') is null")).ShouldBeTrue();

        var history = await world.GetAsync("/projections/invoice_summary/history");
        history.GetProperty("switches").EnumerateArray().Select(record => record.GetProperty("to").GetInt32()).ShouldBe([1, 2, 1]);
        history.GetProperty("switches")[0].Text("why").ShouldBe("a report broke");
        history.GetProperty("switches")[0].Text("who").ShouldBe($"http@{Environment.MachineName}");
    }

    [PostgresFact]
    public async Task A_rebuild_is_throttled_paused_resumed_and_aborted()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 500);
        await (await world.CommandAsync("/projections/invoice_summary/rebuild", new { to = 1, throttle = 300 })).ShouldBeAsync(HttpStatusCode.Accepted);
        await world.BecomesAsync("invoice_summary", 1, "replaying");

        await (await world.CommandAsync("/projections/invoice_summary/throttle", new { eventsPerSecond = 200 })).ShouldBeAsync(HttpStatusCode.OK);
        await (await world.CommandAsync("/projections/invoice_summary/pause")).ShouldBeAsync(HttpStatusCode.OK);
        var paused = await world.BecomesAsync("invoice_summary", 1, "paused");
        paused.GetProperty("throttle").GetInt32().ShouldBe(200);
        paused.Text("resumeState").ShouldBe("replaying");
        await (await world.CommandAsync("/projections/invoice_summary/resume")).ShouldBeAsync(HttpStatusCode.OK);
        await world.BecomesAsync("invoice_summary", 1, "replaying");
        await (await world.CommandAsync("/projections/invoice_summary/abort", new { version = 1 })).ShouldBeAsync(HttpStatusCode.OK);

        (await world.Database.ScalarAsync<bool>("select to_regclass('invoice_summary_v1') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_command_that_is_sent_twice_is_done_once()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await world.BuildAndSwitchAsync("open_items", 1);
        foreach (var key in (string[])[Guid.NewGuid().ToString(), "monday's rebuild"])
        {
            var first = await (await world.CommandAsync("/projections/invoice_summary/rebuild", new { to = 1 }, key)).ShouldBeAsync(HttpStatusCode.Accepted);
            first.GetProperty("alreadyDone").GetBoolean().ShouldBeFalse();
            await world.BecomesAsync("invoice_summary", 1, "ready");
            await (await world.CommandAsync("/projections/invoice_summary/abort", new { version = 1 })).ShouldBeAsync(HttpStatusCode.OK);

            var second = await (await world.CommandAsync("/projections/invoice_summary/rebuild", new { to = 1 }, key)).ShouldBeAsync(HttpStatusCode.Accepted);

            second.GetProperty("alreadyDone").GetBoolean().ShouldBeTrue();
            (await world.GetAsync("/projections/invoice_summary/versions/1")).Text("state").ShouldBe("retired", "the second delivery did something");
        }

        // The same words for another command are another command.
        await (await world.CommandAsync("/projections/customer_month_revenue/rebuild", new { to = 1 }, "monday's rebuild")).ShouldBeAsync(HttpStatusCode.Accepted);
        await world.BecomesAsync("customer_month_revenue", 1, "ready");
    }

    [PostgresFact]
    public async Task Several_are_rebuilt_by_one_call_all_of_them_or_none()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        (await (await world.CommandAsync("/projections/open_items/rebuild", new { with = new[] { "customer_balance", "invoice_summary=7" } }))
            .ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "mistake")).ShouldContain("no invoice_summary v7");
        (await (await world.CommandAsync("/projections/open_items/rebuild", new { with = new[] { "open_items" } })).ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "mistake")).ShouldContain("named twice");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.version")).ShouldBe(0);

        var body = new { with = new[] { "customer_balance", "invoice_summary=1" }, why = "a new month" };
        var asked = await (await world.CommandAsync("/projections/open_items/rebuild", body, "all three")).ShouldBeAsync(HttpStatusCode.Accepted);

        asked.GetProperty("with").EnumerateArray().Select(other => other.Text("projection")).ShouldBe(["customer_balance", "invoice_summary"]);
        foreach (var projection in (string[])["open_items", "customer_balance", "invoice_summary"])
        {
            asked.Text("outcome").ShouldContain($"{projection} v1 will be rebuilt");
            await world.BecomesAsync(projection, 1, "ready");
            (await world.GetAsync($"/projections/{projection}/history")).GetProperty("commands")[0].Text("why").ShouldBe("a new month");
        }

        (await (await world.CommandAsync("/projections/open_items/rebuild", body, "all three")).ShouldBeAsync(HttpStatusCode.Accepted)).GetProperty("alreadyDone").GetBoolean().ShouldBeTrue();
        (await world.Database.ScalarAsync<long>("select count(*) from projections.command where verb = 'rebuild'")).ShouldBe(3);
    }

    [PostgresFact]
    public async Task What_cannot_be_done_is_refused_with_the_reason_and_the_way_out()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await world.BuildAndSwitchAsync("invoice_summary", 1);

        var retire = await world.CommandAsync("/projections/invoice_summary/retire", new { version = 1 });
        (await retire.ShouldBeProblemAsync(HttpStatusCode.Conflict, "refused")).ShouldContain("Switch to another version first");
        (await (await world.CommandAsync("/projections/invoice_summary/rollback")).ShouldBeProblemAsync(HttpStatusCode.Conflict, "refused")).ShouldContain("no version that was live before");
        var switching = await (await world.CommandAsync("/projections/invoice_summary/switch", new { to = 2 })).ShouldBeAsync(HttpStatusCode.Conflict);
        switching.GetProperty("gates")[0].Text("wayOut").ShouldContain("rebuild");
    }

    [PostgresTheory]
    [InlineData("/projections/no_such_thing/rebuild", "{}", 404, "not-found", "no_such_thing")]
    [InlineData("/projections/Not-A-Name/pause", "{}", 404, "not-found", "Not-A-Name")]
    [InlineData("/projections/invoice_summary/rebuild", """{"to": 9}""", 422, "mistake", "v1, v2")]
    [InlineData("/projections/invoice_summary/rebuild", """{"to": 0}""", 422, "mistake", "'to'")]
    [InlineData("/projections/invoice_summary/rebuild", """{"throttle": 0}""", 422, "mistake", "'throttle'")]
    [InlineData("/projections/invoice_summary/throttle", """{"eventsPerSecond": -1}""", 422, "mistake", "'eventsPerSecond'")]
    [InlineData("/projections/invoice_summary/switch", """{"to": 1, "patienceSeconds": 3600}""", 422, "mistake", "'patienceSeconds'")]
    [InlineData("/projections/invoice_summary/dead-letters/retry", """{"position": "x"}""", 400, "mistake", "'position'")]
    [InlineData("/projections/invoice_summary/switch", """{"to": 1, "verifiedWithinMinutes": 0}""", 422, "mistake", "'verifiedWithinMinutes'")]
    [InlineData("/projections/invoice_summary/verify", "{}", 422, "mistake", "the catalog has no version of it")]
    [InlineData("/projections/invoice_summary/verify", """{"againstEvents": true, "to": 2}""", 422, "mistake", "'againstEvents'")]
    [InlineData("/projections/invoice_summary/verify", """{"sample": 0.5}""", 422, "mistake", "'sample'")]
    [InlineData("/projections/invoice_summary/verify", """{"patienceSeconds": -1}""", 422, "mistake", "'patienceSeconds'")]
    [InlineData("/projections/invoice_summary/repair", "{}", 422, "mistake", "without knowing which rows")]
    [InlineData("/projections/invoice_summary/dry-run", """{"sample": 1.5}""", 422, "mistake", "'sample'")]
    [InlineData("/projections/invoice_summary/dry-run", """{"to": 9}""", 422, "mistake", "v1, v2")]
    [InlineData("/projections/invoice_summary/pause", """{"why": "a\u0000b"}""", 422, "mistake", "control characters")]
    [InlineData("/projections/invoice_summary/rollback", """{"maxLagSeconds": 1e300}""", 422, "mistake", "'maxLagSeconds'")]
    [InlineData("/projections/invoice_summary/repair", """{"keys": null, "tenant": "\u001b[2J"}""", 422, "mistake", "'tenant'")]
    [InlineData("/projections/invoice_summary/rebuild", """{"switchWhenRaedy": true}""", 400, "mistake", "switchWhenRaedy")]
    [InlineData("/projections/invoice_summary/rebuild", """{"to": """, 400, "mistake", "JSON")]
    [InlineData("/projections/invoice_summary/switch", "{}", 400, "mistake", "to")]
    public async Task A_wrong_request_is_told_what_is_wrong(string path, string body, int status, string kind, string says)
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);

        var answer = await world.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

        (await answer.ShouldBeProblemAsync((HttpStatusCode)status, kind)).ShouldContain(says);
        (await world.Database.ScalarAsync<long>("select (select count(*) from projections.version) + (select count(*) from projections.work_order)")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task Dead_letters_are_listed_without_their_values_shown_on_demand_and_decided_on()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.Database.ExecuteAsync(
            """
            insert into projections.dead_letter (projection, number, position_major, position_minor, stream, stream_version, type, data, metadata, event_time, stage, error)
            select 'invoice_summary', 1, p, 0, 'invoice-7', 1, 'tax_applied', '{"rate":1}', '{}', now(), 'fold', 'there is no row' from unnest(array[7, 8]) p
            """);

        var listed = await world.GetAsync("/projections/invoice_summary/dead-letters");
        listed.EnumerateArray().Select(letter => letter.Text("position")).ShouldBe(["7", "8"]);
        listed[0].Text("data").ShouldBe("""{"rate":"number"}""");
        var shown = await (await world.CommandAsync("/projections/invoice_summary/show-event", new { position = "8", why = "a bug report" })).ShouldBeAsync(HttpStatusCode.OK);
        (shown.Text("data"), shown.Text("stream")).ShouldBe(("""{"rate":1}""", "invoice-7"));
        await (await world.CommandAsync("/projections/invoice_summary/dead-letters/discard", new { position = "7" })).ShouldBeAsync(HttpStatusCode.OK);

        (await world.GetAsync("/projections/invoice_summary/dead-letters?status=waiting")).EnumerateArray().Select(letter => letter.Text("position")).ShouldBe(["8"]);
        (await world.GetAsync("/projections/invoice_summary/dead-letters"))[0].Text("status").ShouldBe("discarded");
        (await world.GetAsync("/projections/invoice_summary")).GetProperty("versions")[0].GetProperty("deadLetters").GetInt64().ShouldBe(1);
    }

    [PostgresFact]
    public async Task A_plain_table_is_adopted_and_reads_are_switched_away_from_it()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await world.Database.ExecuteAsync("create table open_items (invoice_id uuid primary key, balance numeric)");

        var adopted = await (await world.CommandAsync("/projections/open_items/adopt", new { why = "ours from now on" })).ShouldBeAsync(HttpStatusCode.OK);

        adopted.Text("outcome").ShouldContain("goes on writing");
        (await world.GetAsync("/projections/open_items/versions/1")).GetProperty("external").GetBoolean().ShouldBeTrue();
        (await (await world.CommandAsync("/projections/open_items/adopt", new { at = "soon" })).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "mistake")).ShouldContain("'at'");
    }
}
