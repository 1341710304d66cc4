using System.Net;
using System.Net.Sockets;
using Npgsql;
using Projections.Testing;
using Projections.TestServers;
using Projections.Web.Security;

namespace Projections.Web;

/// <summary>The program's <c>run</c> as a process: its page, its addresses, and its stop.</summary>
public sealed class RunTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task The_worker_serves_its_page_and_stops_in_time_with_a_page_open()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 300);
        await using var worker = new RunProcess(world.Database.ConnectionString, ("Http__Listen", "127.0.0.1:0"));
        using var client = new HttpClient { BaseAddress = await worker.PageAsync() };
        (await client.GetStringAsync("/")).ShouldContain("<title>Projections</title>");
        (await (await client.GetAsync("/health/live")).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("checks").EnumerateArray().Select(check => check.Text("name")).ShouldBe(["worker"]);
        var ready = await (await client.GetAsync("/health/ready")).ShouldBeAsync(HttpStatusCode.OK);
        ready.GetProperty("checks").EnumerateArray().Select(check => check.Text("name")).ShouldBe(["catalog", "events", "catch-up", "worker", "work", "masstransit-bus"], ignoreOrder: true);
        await (await client.CommandAsync("/projections/open_items/rebuild", new { throttle = 200 })).ShouldBeAsync(HttpStatusCode.Accepted);
        using var watching = await client.GetAsync("/progress", HttpCompletionOption.ResponseHeadersRead);

        (await worker.StopAsync("TERM")).ShouldBe(0, worker.Said);

        (await world.Database.ScalarAsync<long>("select count(*) from projections.version where lease_until > now() and lease_holder = '" + worker.Name + "'")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_worker_waits_at_its_start_for_a_database_that_is_not_there_yet()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);
        var there = new NpgsqlConnectionStringBuilder(world.Database.ConnectionString);
        await using var server = new LateServer();
        var late = new NpgsqlConnectionStringBuilder(there.ConnectionString) { Host = "127.0.0.1", Port = server.Port };
        await using var worker = new RunProcess(late.ConnectionString, ("Http__Listen", "127.0.0.1:0"), ("Projections__StartPatience", "00:05:00"));
        await worker.SaysAsync("Cannot start yet: Cannot connect to the read models");
        using var client = new HttpClient { BaseAddress = worker.Starting };
        (await (await client.GetAsync("/health/live")).ShouldBeAsync(HttpStatusCode.OK)).Text("status").ShouldBe("starting");
        (await (await client.GetAsync("/health/ready")).ShouldBeAsync(HttpStatusCode.ServiceUnavailable)).Text("status").ShouldBe("starting");
        (await (await client.GetAsync("/projections")).ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "unavailable")).ShouldStartWith("This worker is starting");

        server.Open(there.Host!, there.Port);

        await worker.SaysAsync("follows marten");
        (await (await client.GetAsync("/health/live")).ShouldBeAsync(HttpStatusCode.OK)).Text("status").ShouldBe("healthy");
        (await worker.StopAsync("TERM")).ShouldBe(0, worker.Said);
    }

    [PostgresFact]
    public async Task An_address_that_others_can_reach_is_refused_without_keys_and_served_with_them()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);
        await using var open = new RunProcess(world.Database.ConnectionString, ("Http__Listen", "*:0"));
        (await open.EndAsync()).ShouldBe(2);
        open.Said.ShouldContain("nobody would have to say who they are");
        open.Said.ShouldContain("projections api-key");

        var (text, key) = ApiKey.Make("ana", CallerRole.Reader);
        await using var keyed = new RunProcess(world.Database.ConnectionString, ("Http__Listen", "0.0.0.0:0"), ("Http__ApiKeys__ana", key.Setting));
        using var client = new HttpClient { BaseAddress = new UriBuilder(await keyed.PageAsync()) { Host = "127.0.0.1" }.Uri };
        (await client.GetAsync("/projections")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        client.DefaultRequestHeaders.Authorization = new("Bearer", text);
        (await client.GetAsync("/projections")).StatusCode.ShouldBe(HttpStatusCode.OK);
        keyed.Said.ShouldNotContain(text);
    }

    [PostgresFact]
    public async Task An_address_that_is_taken_is_an_error_where_it_was_chosen_and_a_warning_where_it_was_not()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);
        using var taken = TryTakeDefault();
        await using var chosen = new RunProcess(world.Database.ConnectionString, ("Http__Listen", ListenAddress.Default));
        (await chosen.EndAsync()).ShouldBe(2);
        chosen.Said.ShouldContain("cannot be listened on");

        await using var other = new RunProcess(world.Database.ConnectionString);
        await other.SaysAsync("this one has no page");
        await other.SaysAsync("follows marten");
        (await other.StopAsync("INT")).ShouldBe(0, other.Said);
    }

    [PostgresFact]
    public async Task A_wrong_setting_is_told_without_the_key_that_somebody_put_there()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 5);
        var (text, _) = ApiKey.Make("ana", CallerRole.Operator);
        await using var worker = new RunProcess(world.Database.ConnectionString, ("Http__ApiKeys__ana", text), ("Http__RequestsPerMinute", "many"), ("Http__Colour", "blue"));

        (await worker.EndAsync()).ShouldBe(2);

        worker.Said.ShouldContain("Http:ApiKeys:ana");
        worker.Said.ShouldContain("Http:RequestsPerMinute");
        worker.Said.ShouldContain("'Http:Colour' is no setting");
        worker.Said.ShouldNotContain(text);
    }

    [Fact]
    public async Task A_key_is_made_with_what_the_settings_are_to_hold()
    {
        await using var made = new RunProcess(null, ["api-key", "ana", "--role", "operator", "--json"]);

        (await made.EndAsync()).ShouldBe(0, made.Said);

        var answer = System.Text.Json.JsonDocument.Parse(made.Said).RootElement;
        answer.Text("variable").ShouldBe("Http__ApiKeys__ana");
        ApiKey.TryParse("ana", answer.Text("setting"), out var key).ShouldBeTrue();
        ApiKey.Find([key!], answer.Text("key")).ShouldBe(key);
    }

    // Somebody else may have it as well; it only has to be taken.
    private static Socket? TryTakeDefault()
    {
        try
        {
            return ListenAddress.TryParse(ListenAddress.Default, out var address) ? address.Take() : null;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return null;
        }
    }
}
