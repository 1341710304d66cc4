using System.Net;
using Projections.Events;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Web;

/// <summary>Waiting, over HTTP, for what one has just written.</summary>
public sealed class WaitingTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task Whoever_waits_is_answered_when_readers_see_the_event_or_told_what_is_missing()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        var invoice = Guid.NewGuid();
        var position = await world.Store.AppendAsync(
            new StreamId(invoice), [("invoice_issued", """{"number":"N","customer":"ana","currency":"EUR","dueOn":"2026-01-01"}""")]);

        (await world.Client.GetAsync($"/projections/invoice_summary/wait?stream={invoice}&version=1&timeout=60")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await world.Database.ScalarAsync<long>($"select count(*) from invoice_summary where invoice_id = '{invoice}'")).ShouldBe(1);
        (await world.Client.GetAsync($"/projections/invoice_summary/wait?position={position}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var early = await world.Client.GetAsync($"/projections/invoice_summary/wait?position={position + 1}&timeout=0.1");
        (await early.ShouldBeProblemAsync(HttpStatusCode.RequestTimeout, "not-yet")).ShouldBe($"'invoice_summary' v1 is at {position}, the event at {position + 1}.");
    }

    [PostgresFact]
    public async Task What_nobody_can_wait_for_is_refused()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);
        await world.BuildAndSwitchAsync("invoice_summary", 1);

        foreach (var (query, said) in ((string, string)[])[
            ("", "Say which event is waited for"),
            ("position=1&stream=a&version=1", "Say which event is waited for"),
            ("stream=a", "Say which event is waited for"),
            ("position=soon", "'soon' is no position"),
            ("position=1&timeout=0", "at most 60 seconds"),
            ("position=1&timeout=1e9", "at most 60 seconds"),
            ("stream=a%00b&version=1", "control characters")])
        {
            var answer = await world.Client.GetAsync($"/projections/invoice_summary/wait?{query}");
            (await answer.ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "mistake")).ShouldContain(said);
        }

        await (await world.Client.GetAsync("/projections/nobody/wait?position=1")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "not-found");
    }
}
