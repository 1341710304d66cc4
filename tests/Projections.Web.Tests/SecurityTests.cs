using System.Net;
using System.Text;
using Projections.Testing;
using Projections.TestServers;
using Projections.Web.Security;

namespace Projections.Web;

/// <summary>Who may come in, from where, how often, and what browsers are told.</summary>
public sealed class SecurityTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly (string Text, ApiKey Key) Ana = ApiKey.Make("ana", CallerRole.Operator);
    private static readonly (string Text, ApiKey Key) Ben = ApiKey.Make("ben", CallerRole.Reader);

    [PostgresFact]
    public async Task With_keys_configured_nobody_comes_in_without_one()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5, WithKeys);

        foreach (var stranger in (HttpClient[])[world.Client, world.Caller("prj_" + new string('0', 64)), world.Caller(Ana.Text + "0"), world.Caller(Ana.Key.Setting)])
        {
            foreach (var path in (string[])["/projections", "/projections/invoice_summary", "/projections/invoice_summary/history", "/projections/invoice_summary/dead-letters", "/projections/invoice_summary/checks", "/progress", "/about"])
            {
                var answer = await stranger.GetAsync(path);
                await answer.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "unauthorized");
                answer.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");
            }

            await (await stranger.CommandAsync("/projections/invoice_summary/rebuild")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "unauthorized");
        }

        (await world.Database.ScalarAsync<long>("select count(*) from projections.version")).ShouldBe(0);
        foreach (var open in (string[])["/", "/health/live", "/health/ready", "/openapi.json"])
        {
            (await world.Client.GetAsync(open)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [PostgresFact]
    public async Task Every_command_takes_an_operator_and_stands_in_the_history_with_the_name()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5, WithKeys);
        var (ana, ben) = (world.Caller(Ana.Text), world.Caller(Ben.Text));

        (await ben.GetAsync("/projections")).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var verb in (string[])["rebuild", "pause", "resume", "abort", "throttle", "switch", "rollback", "retire", "adopt", "contract", "accept", "check", "verify", "repair", "dry-run", "show-event", "show-rows", "explain", "dead-letters/retry", "dead-letters/discard"])
        {
            (await (await ben.CommandAsync($"/projections/invoice_summary/{verb}", new { to = 1 })).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "forbidden")).ShouldContain("'ben'");
        }

        await (await ana.CommandAsync("/projections/invoice_summary/rebuild", new { to = 1, why = "to see" })).ShouldBeAsync(HttpStatusCode.Accepted);
        var history = await (await ben.GetAsync("/projections/invoice_summary/history")).ShouldBeAsync(HttpStatusCode.OK);
        var planned = history.GetProperty("transitions").EnumerateArray().Last();
        (planned.Text("who"), planned.Text("why")).ShouldBe(("ana", "to see"));
        (await (await ben.GetAsync("/about")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("mayCommand").GetBoolean().ShouldBeFalse();
    }

    [PostgresFact]
    public async Task Without_keys_other_web_sites_cannot_use_the_browser_of_somebody_on_this_machine()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);

        // A name that was pointed to 127.0.0.1.
        await (await SendAsync(world, HttpMethod.Get, "/projections", ("Host", "evil.example"))).ShouldBeProblemAsync(HttpStatusCode.MisdirectedRequest, "mistake");
        foreach (var header in ((string, string)[])[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "http://evil.example"), ("Origin", "null")])
        {
            await (await SendAsync(world, HttpMethod.Post, "/projections/invoice_summary/rebuild", header)).ShouldBeProblemAsync(HttpStatusCode.Forbidden, "forbidden");
        }

        // What a form of another site could send.
        var form = await world.Client.PostAsync("/projections/invoice_summary/rebuild", new StringContent("{}", Encoding.UTF8, "text/plain"));
        form.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.version")).ShouldBe(0);
        var own = await SendAsync(world, HttpMethod.Post, "/projections/invoice_summary/rebuild", ("Origin", world.Address.GetLeftPart(UriPartial.Authority)), ("Sec-Fetch-Site", "same-origin"));
        own.StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [PostgresFact]
    public async Task Whoever_asks_too_often_is_told_when_to_come_back_and_others_are_not_held_up()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5, options =>
        {
            WithKeys(options);
            options.RequestsPerMinute = 6;
            options.CommandsPerMinute = 2;
        });
        var (ana, ben) = (world.Caller(Ana.Text), world.Caller(Ben.Text));

        var commands = new List<HttpStatusCode>();
        for (var command = 0; command < 3; command++)
        {
            commands.Add((await ana.CommandAsync("/projections/no_such_thing/pause")).StatusCode);
        }

        commands.ShouldBe([HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.TooManyRequests]);
        (await ana.GetAsync("/about")).StatusCode.ShouldBe(HttpStatusCode.OK, "looking is still allowed");
        for (var request = 0; request < 6; request++)
        {
            await ben.GetAsync("/about");
        }

        var refused = await ben.GetAsync("/about");
        await refused.ShouldBeProblemAsync(HttpStatusCode.TooManyRequests, "too-many");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        (await ana.GetAsync("/about")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [PostgresFact]
    public async Task A_body_that_is_too_long_is_not_read()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);

        var answer = await world.CommandAsync("/projections/invoice_summary/rebuild", new { why = new string('x', 20_000) });

        (await answer.ShouldBeAsync(HttpStatusCode.RequestEntityTooLarge)).GetProperty("status").GetInt32().ShouldBe(413);
    }

    [PostgresFact]
    public async Task Browsers_are_told_to_run_nothing_but_our_own_files()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);

        foreach (var path in (string[])["/", "/page/app.js", "/projections", "/no/such/path"])
        {
            var answer = await world.Client.GetAsync(path);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            policy.ShouldContain("default-src 'none'");
            policy.ShouldNotContain("unsafe");
            policy.ShouldContain("frame-ancestors 'none'");
            answer.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
            answer.Headers.Contains("Server").ShouldBeFalse();
        }

        var page = await world.Client.GetStringAsync("/");
        page.ShouldNotContain("https://");
        page.ShouldNotContain("style=");
        var first = await world.Client.GetAsync("/page/app.js");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/page/app.js");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        (await world.Client.SendAsync(again)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [PostgresFact]
    public async Task What_goes_wrong_inside_is_not_told_outside()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);
        await world.StopWorkerAsync();
        // A rename waits for nobody who is reading from its tables.
        await world.Database.ExecuteAsync("alter schema projections rename to gone");

        var detail = await (await world.Client.GetAsync("/projections")).ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable");

        detail.ShouldNotContain("relation");
        detail.ShouldContain("log");
    }

    private static void WithKeys(WebOptions options) => options.ApiKeys = [Ana.Key, Ben.Key];

    private static async Task<HttpResponseMessage> SendAsync(WebWorld world, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await world.Client.SendAsync(request);
    }
}
