using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Web;

/// <summary>What can be read over HTTP, and what is said when it cannot.</summary>
public sealed class ReadingTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task Projections_are_listed_with_versions_that_are_built_and_that_could_be()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await world.BuildAndSwitchAsync("invoice_summary", 1);

        var listed = await world.GetAsync("/projections");

        listed.EnumerateArray().Select(projection => projection.Text("projection")).ShouldBe(["customer_balance", "customer_month_revenue", "invoice_summary", "open_items", "payment_queue"]);
        var invoices = listed.EnumerateArray().Single(projection => projection.Text("projection") == "invoice_summary");
        invoices.GetProperty("liveVersion").GetInt32().ShouldBe(1);
        invoices.GetProperty("known").EnumerateArray().Select(number => number.GetInt32()).ShouldBe([1, 2]);
        invoices.GetProperty("versions")[0].Text("state").ShouldBe("live");
        invoices.GetProperty("versions")[0].Text("position").ShouldBe("200");
        var about = await world.GetAsync("/about");
        about.Text("worker").ShouldBe(world.System.Name);
        about.GetProperty("mayCommand").GetBoolean().ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_projection_that_is_declared_wrongly_is_listed_with_its_errors_and_is_no_matter_to_the_others()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20, configure: null, new UnsoundVersion("invoice_summary", 3), new UnsoundVersion("orders", 1));

        var listed = await world.GetAsync("/projections");

        Errors(listed.EnumerateArray().Single(projection => projection.Text("projection") == "invoice_summary")).ShouldBe(["invoice_summary v3: No event is handled. Declare at least one in Define: on.Event<...>()..."]);
        Errors(listed.EnumerateArray().Single(projection => projection.Text("projection") == "open_items")).ShouldBeEmpty();
        Errors(await world.GetAsync("/projections/orders")).ShouldBe(["orders v1: No event is handled. Declare at least one in Define: on.Event<...>()..."]);
        (await (await world.CommandAsync("/projections/orders/rebuild")).ShouldBeProblemAsync(HttpStatusCode.Conflict, "refused"))
            .ShouldBe("Cannot rebuild 'orders': something is wrong with its declaration in this program. orders v1: No event is handled. Declare at least one in Define: on.Event<...>()...");
        await world.BuildAsync("open_items", 1);

        static IEnumerable<string?> Errors(JsonElement projection) => projection.GetProperty("errors").EnumerateArray().Select(error => error.GetString());
    }

    [PostgresFact]
    public async Task What_is_not_there_is_said_as_problem_details()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);

        (await (await world.Client.GetAsync("/projections/no_such_thing")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "not-found")).ShouldContain("no_such_thing");
        (await (await world.Client.GetAsync("/projections/invoice_summary/versions/1")).ShouldBeProblemAsync(HttpStatusCode.NotFound, "not-found")).ShouldContain("version 1");
        (await (await world.Client.GetAsync("/projections/invoice_summary/history?limit=0")).ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "mistake")).ShouldContain("'limit'");
        (await (await world.Client.GetAsync("/no/such/path")).ShouldBeAsync(HttpStatusCode.NotFound)).GetProperty("status").GetInt32().ShouldBe(404);
        (await (await world.Client.GetAsync("/projections/invoice_summary/rebuild")).ShouldBeAsync(HttpStatusCode.MethodNotAllowed)).GetProperty("status").GetInt32().ShouldBe(405);
    }

    [PostgresFact]
    public async Task A_check_tells_its_verdict_at_every_place_that_shows_the_version()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        (await (await world.CommandAsync("/projections/invoice_summary/check")).ShouldBeAsync(HttpStatusCode.OK)).Text("verdict").ShouldBe("healthy");
        await world.Database.ExecuteAsync("drop view invoice_summary");

        var check = await (await world.CommandAsync("/projections/invoice_summary/check")).ShouldBeAsync(HttpStatusCode.OK);

        check.Text("verdict").ShouldBe("broken");
        var finding = check.GetProperty("versions")[0].GetProperty("findings")[0];
        finding.Text("wayOut").ShouldNotBeNullOrEmpty();
        (await world.GetAsync("/projections/invoice_summary/checks")).EnumerateArray().Select(line => line.Text("verdict")).ShouldBe(["broken", "healthy"]);
        (await world.GetAsync("/projections/invoice_summary/versions/1")).GetProperty("lastCheck").Text("verdict").ShouldBe("broken");
        var health = await world.GetAsync("/health/ready");
        health.Text("status").ShouldBe("degraded");
        health.GetProperty("checks").EnumerateArray().Single(one => one.Text("name") == "catch-up").Text("reason").ShouldBe("invoice_summary v1 is broken.");
    }

    [PostgresFact]
    public async Task Progress_comes_as_events_until_the_version_is_ready()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 300);
        using var limit = new CancellationTokenSource(Deadline.Generous);
        using var answer = await world.Client.GetAsync("/projections/invoice_summary/progress", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        await (await world.CommandAsync("/projections/invoice_summary/rebuild", new { to = 1, throttle = 1500 })).ShouldBeAsync(HttpStatusCode.Accepted);

        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
        var kinds = new HashSet<string>();
        var states = new List<string>();
        var done = new List<long>();
        string? kind = null;
        while (states.LastOrDefault() != "ready" && await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                kinds.Add(kind = line[7..]);
            }
            else if (kind == "status" && line.StartsWith("data: ", StringComparison.Ordinal))
            {
                var now = JsonDocument.Parse(line[6..]).RootElement;
                var projection = now.GetProperty("projections").EnumerateArray().Single();
                projection.Text("projection").ShouldBe("invoice_summary");
                var built = projection.GetProperty("versions").EnumerateArray().Where(version => version.Text("state") is "planned" or "building" or "replaying" or "catching-up").ToList();
                var together = now.GetProperty("building");
                (together.GetProperty("versions").GetInt32(), together.GetProperty("eventsDone").GetInt64())
                    .ShouldBe((built.Count, built.Sum(version => version.GetProperty("eventsDone").GetInt64())));
                foreach (var version in projection.GetProperty("versions").EnumerateArray())
                {
                    states.Add(version.Text("state"));
                    done.Add(version.GetProperty("eventsDone").GetInt64());
                }
            }
        }

        kinds.ShouldBe(["samples", "rights", "status"]);
        states.ShouldContain("replaying");
        states[^1].ShouldBe("ready");
        done.ShouldContain(events => events > 0 && events < 3000);
        done.ShouldBe(done.Order());
    }

    [PostgresFact]
    public async Task Whoever_comes_later_gets_the_samples_of_before()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await world.BuildAsync("invoice_summary", 1);
        using (var first = await world.Client.GetAsync("/progress", HttpCompletionOption.ResponseHeadersRead))
        {
            await EventAsync(first, "status", data => data.Contains("\"state\":\"ready\"", StringComparison.Ordinal));
        }

        using var second = await world.Client.GetAsync("/progress", HttpCompletionOption.ResponseHeadersRead);
        var samples = JsonDocument.Parse(await EventAsync(second, "samples", _ => true)).RootElement;

        var line = samples.EnumerateArray().Single(one => one.Text("projection") == "invoice_summary");
        line.GetProperty("version").GetInt32().ShouldBe(1);
        line.GetProperty("samples").EnumerateArray().Last().GetProperty("lagEvents").GetInt64().ShouldBe(0);
    }

    [PostgresFact]
    public async Task The_openapi_document_has_every_endpoint_with_its_parameters()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);

        var paths = (await world.GetAsync("/openapi.json")).GetProperty("paths");

        var served = world.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not { ExcludeFromDescription: true })
            .Select(endpoint => endpoint.RoutePattern.RawText!.Replace(":int", "", StringComparison.Ordinal).Replace(":guid", "", StringComparison.Ordinal))
            .Where(path => path.StartsWith("/projections", StringComparison.Ordinal) || path is "/about" or "/databases" or "/fleet" or "/progress").Distinct().ToList();
        served.Count.ShouldBeGreaterThan(20);
        paths.EnumerateObject().Select(path => path.Name).Order().ShouldBe(served.Order());
        foreach (var path in paths.EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                operation.Value.Text("summary").ShouldNotBeNullOrWhiteSpace(path.Name);
                var names = operation.Value.TryGetProperty("parameters", out var parameters)
                    ? parameters.EnumerateArray().Select(parameter => parameter.Text("name")).ToList()
                    : [];
                foreach (var part in path.Name.Split('/').Where(part => part.StartsWith('{')))
                {
                    names.ShouldContain(part.Trim('{', '}'), path.Name);
                }

                names.Contains("Idempotency-Key").ShouldBe(operation.Name == "post", path.Name);
            }
        }
    }

    [PostgresFact(OwnCluster = true)]
    public async Task While_the_database_is_away_nothing_is_ready_and_no_secret_is_told()
    {
        await using var cluster = await postgres.OwnClusterAsync();
        var database = await PostgresFixture.CreateDatabaseAsync(cluster);
        await using var world = await WebWorld.CreateAsync(database, 5);
        (await world.GetAsync("/health/ready")).Text("status").ShouldBe("healthy");

        await cluster.StopAsync(LocalPostgres.StopMode.Immediate);
        try
        {
            (await world.GetAsync("/health/live")).Text("status").ShouldBe("healthy");
            // What was found a moment ago is told for a second.
            await Deadline.UntilAsync(async () => (await world.Client.GetAsync("/health/ready")).StatusCode, status => status == HttpStatusCode.ServiceUnavailable, "become unready");
            var ready = await (await world.Client.GetAsync("/health/ready")).ShouldBeAsync(HttpStatusCode.ServiceUnavailable);
            ready.GetProperty("checks")[0].Text("reason").ShouldBe("The catalog cannot be reached.");
            foreach (var answer in (HttpResponseMessage[])[await world.Client.GetAsync("/projections"), await world.CommandAsync("/projections/invoice_summary/pause")])
            {
                var told = await answer.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable") + ready;
                told.ShouldNotContain("127.0.0.1");
                told.ShouldNotContain(new NpgsqlConnectionStringBuilder(database.ConnectionString).Password ?? "no password");
                told.ShouldNotContain("   at ");
            }

            using var stream = await world.Client.GetAsync("/progress", HttpCompletionOption.ResponseHeadersRead);
            (await EventAsync(stream, "trouble", _ => true)).ShouldContain("Trying again");
        }
        finally
        {
            await cluster.StartAgainAsync();
        }

        await Deadline.UntilAsync(async () => (await world.Client.GetAsync("/health/ready")).StatusCode, status => status == HttpStatusCode.OK, "become ready");
    }

    /// <summary>Reads server-sent events until one of a kind says what is waited for.</summary>
    private static async Task<string> EventAsync(HttpResponseMessage answer, string kind, Func<string, bool> says)
    {
        using var limit = new CancellationTokenSource(Deadline.Generous);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token), leaveOpen: true);
        string? now = null;
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                now = line[7..];
            }
            else if (now == kind && line.StartsWith("data: ", StringComparison.Ordinal) && says(line))
            {
                return line[6..];
            }
        }

        throw new InvalidOperationException($"The stream ended without '{kind}'.");
    }
}
