using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Projections.Bus;
using Projections.Contracts;
using Projections.Scheduling;
using Projections.Testing;
using Projections.TestServers;
using Projections.Web;

namespace Projections.Hosting;

/// <summary>The doors of a program that serves a list of databases.</summary>
public sealed class ManyDatabasesDoorsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task Over_http_a_request_names_its_database_and_the_list_of_them_is_folded()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "north", "south");
        await fleet.ListAsync("west", "Host=127.0.0.1;Port=1;Database=shop;Username=shop");
        using var host = await fleet.StartAsync(projections =>
        {
            projections.Services.AddCatchUpChecks(new ConfigurationBuilder().Build());
            projections.Services.AddProjectionsWeb(new WebOptions { Listen = "127.0.0.1:0" });
        });
        await DatabaseFleet.UntilOpenAsync(host, "north", "south");
        await DatabaseFleet.BuildAsync(host, "south");
        using var client = new HttpClient { BaseAddress = host.Services.GetRequiredService<WebDoor>().Address };

        var list = await Deadline.UntilAsync(() => client.GetFromJsonAsync<JsonElement>("/databases"), answer => answer.GetProperty("summary").GetString()!.Contains("Cannot connect", StringComparison.Ordinal), "tell of the broken one");
        var unnamed = await client.GetAsync("/projections");
        var south = await client.GetFromJsonAsync<JsonElement>("/projections/invoice_summary?database=south");
        var commanded = await client.PostAsJsonAsync("/projections/invoice_summary/rebuild?database=north", new { to = 1 });
        var broken = await client.GetAsync("/projections?database=west");

        list.GetProperty("databases").EnumerateArray().Select(name => name.GetString()).ShouldBe(["north", "south", "west"]);
        list.GetProperty("well").GetInt32().ShouldBe(2);
        unnamed.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await unnamed.Content.ReadAsStringAsync()).ShouldContain("Say which database is meant: north, south, west.");
        south.GetProperty("liveVersion").GetInt32().ShouldBe(1);
        commanded.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await fleet.ScalarAsync<long>("north", "select count(*) from projections.version")).ShouldBe(1);
        broken.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetStringAsync("/health/ready")).ShouldContain("2 of 3 as they should be; 1 needs a look: west:");
        (await client.GetStringAsync("/openapi.json")).ShouldContain("The database, where the program serves several.");
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task On_the_bus_a_header_names_the_database_of_a_command_a_request_and_an_event()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "north", "south");
        using var host = await fleet.StartAsync(projections => projections.Services.AddProjectionsBus(new ConfigurationBuilder().Build()));
        await DatabaseFleet.UntilOpenAsync(host, "north", "south");
        var bus = host.Services.GetRequiredService<IBus>();
        var heard = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await bus.ConnectReceiveEndpoint("heard", endpoint => endpoint.Handler<RebuildStarted>(context =>
        {
            heard.TrySetResult(context.Headers.Get<string>(ProjectionHeaders.Database));
            return Task.CompletedTask;
        })).Ready;

        await bus.Publish(
            new RebuildProjection { CommandId = Guid.NewGuid(), Projection = "invoice_summary", Version = 1, RequestedBy = "ana" },
            context => context.Headers.Set(ProjectionHeaders.Database, "south"));

        (await heard.Task.WaitAsync(TimeSpan.FromMinutes(1))).ShouldBe("south");
        (await fleet.ScalarAsync<long>("north", "select count(*) from projections.version")).ShouldBe(0);
        await host.StopAsync();
    }
}
