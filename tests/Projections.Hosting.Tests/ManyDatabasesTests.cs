using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Projections.Commands;
using Projections.Operations;
using Projections.Serving;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Hosting;

/// <summary>One program that serves a list of databases.</summary>
public sealed class ManyDatabasesTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task Each_database_of_the_list_is_built_and_followed_by_itself()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "north", "south");
        using var host = await fleet.StartAsync();
        await DatabaseFleet.UntilOpenAsync(host, "north", "south");

        await DatabaseFleet.BuildAsync(host, "north");
        await DatabaseFleet.BuildAsync(host, "south");
        await fleet.AppendAsync("south", invoices: 2, seed: 2);

        await Deadline.UntilAsync(() => fleet.ScalarAsync<long>("south", "select count(*) from invoice_summary"), count => count == 5, "follow the new invoices");
        (await fleet.ScalarAsync<long>("north", "select count(*) from invoice_summary")).ShouldBe(3);
        (await DatabaseFleet.HealthAsync(host)).ShouldSatisfyAllConditions(
            health => health.Status.ShouldBe(HealthStatus.Healthy),
            health => health.Description.ShouldBe("2 of 2 as they should be."));
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task A_database_that_comes_is_served_and_one_that_goes_gives_its_leases_and_connections_back()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "north");
        using var host = await fleet.StartAsync();
        await DatabaseFleet.UntilOpenAsync(host, "north");
        await DatabaseFleet.BuildAsync(host, "north");

        await fleet.AddAsync("south");
        await DatabaseFleet.UntilOpenAsync(host, "south");
        await fleet.StrikeAsync("north");

        await Deadline.UntilAsync(() => fleet.ConnectionsAsync("north"), count => count == 0, "close what went");
        (await fleet.ScalarAsync<long>("north", "select count(*) from projections.version where lease_holder is not null")).ShouldBe(0);
        host.Services.GetRequiredService<ServedDatabases>().All.Select(one => one.Name).ShouldBe(["south"]);
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task One_that_is_broken_stops_nobody_is_named_and_is_served_once_it_is_mended()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "north", "south");
        await fleet.ListAsync("south", "Host=127.0.0.1;Port=1;Database=shop;Username=shop;Password=secret-word");
        using var host = await fleet.StartAsync();
        await DatabaseFleet.UntilOpenAsync(host, "north");

        await DatabaseFleet.BuildAsync(host, "north");

        var health = await Deadline.UntilAsync(() => DatabaseFleet.HealthAsync(host), one => one.Description!.Contains("Cannot connect", StringComparison.Ordinal), "tell of the broken one");
        health.Status.ShouldBe(HealthStatus.Degraded);
        health.Description!.ShouldStartWith("1 of 2 as they should be; 1 needs a look: south: Cannot connect to the read models: database 'shop' on 127.0.0.1:1");
        health.Description!.ShouldNotContain("secret-word");
        var refused = await Should.ThrowAsync<DatabaseNotOpen>(() => host.Services.GetRequiredService<IProjections>().In("south").FindStatusAsync(DatabaseFleet.Summary));
        refused.Message.ShouldStartWith("The database 'south' cannot be worked on at present: Cannot connect");

        await fleet.ListAsync("south", fleet.Stores["south"].ConnectionString);
        await DatabaseFleet.UntilOpenAsync(host, "south");
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task A_catalog_that_a_newer_release_has_upgraded_is_told_and_the_others_are_served()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "north", "south");
        await fleet.Stores["south"].ExecuteAsync("create schema projections; create table projections.schema_step (step int primary key, installed_at timestamptz not null default now()); insert into projections.schema_step values (9999)");
        using var host = await fleet.StartAsync();

        await DatabaseFleet.UntilOpenAsync(host, "north");

        await Deadline.UntilAsync(() => DatabaseFleet.HealthAsync(host), one => one.Description!.Contains("south: ", StringComparison.Ordinal) && one.Description!.Contains("9999", StringComparison.Ordinal), "tell of the newer catalog");
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task A_version_that_has_failed_is_among_what_needs_a_look()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "north", "south");
        using var host = await fleet.StartAsync();
        await DatabaseFleet.UntilOpenAsync(host, "north", "south");
        await fleet.Stores["south"].ExecuteAsync("update mt_events set data = '{}' where seq_id = 1");

        await host.Services.GetRequiredService<IProjections>().In("south").RunAsync(new RebuildCommand { Projection = DatabaseFleet.Summary, To = 1 }, new CommandContext("test"));

        await Deadline.UntilAsync(() => DatabaseFleet.HealthAsync(host), one => one.Description!.StartsWith("1 of 2 as they should be; 1 needs a look: south: invoice_summary v1 failed:", StringComparison.Ordinal), "tell of the failure");
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task A_list_that_cannot_be_read_leaves_those_that_were_on_it()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "north");
        using var host = await fleet.StartAsync(null, ("DatabaseList:Query", "select name, connection from shop where 1 / (select count(*) from shop) > 0"));
        await DatabaseFleet.UntilOpenAsync(host, "north");

        await fleet.StrikeAsync("north");

        var health = await Deadline.UntilAsync(() => DatabaseFleet.HealthAsync(host), one => one.Status == HealthStatus.Degraded, "tell of the list");
        health.Description!.ShouldStartWith("1 of 1 as they should be. The list of databases cannot be read:");
        host.Services.GetRequiredService<ServedDatabases>().All.Select(one => one.Name).ShouldBe(["north"]);
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task A_command_that_names_no_database_is_refused_with_their_names_and_one_that_does_is_carried_out_there_alone()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "north", "south");
        using var host = await fleet.StartAsync();
        await DatabaseFleet.UntilOpenAsync(host, "north", "south");
        var projections = host.Services.GetRequiredService<IProjections>();
        var rebuild = new RebuildCommand { Projection = DatabaseFleet.Summary, To = 1 };

        (await Should.ThrowAsync<OperationRefused>(() => projections.RunAsync(rebuild, new CommandContext("test")))).Message.ShouldBe("Say which database is meant: north, south.");
        (await Should.ThrowAsync<OperationRefused>(() => projections.In("west").RunAsync(rebuild, new CommandContext("test")))).Message.ShouldBe("There is no database 'west' here. There are: north, south.");
        await projections.In("south").RunAsync(rebuild, new CommandContext("test"));

        (await fleet.ScalarAsync<long>("south", "select count(*) from projections.version")).ShouldBe(1);
        (await fleet.ScalarAsync<long>("north", "select count(*) from projections.version")).ShouldBe(0);
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task No_database_ever_has_more_connections_than_its_share()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "north", "south");
        using var host = await fleet.StartAsync(null, ("DatabaseList:Connections", "16"));
        await DatabaseFleet.UntilOpenAsync(host, "north", "south");
        using var stop = new CancellationTokenSource();
        var counting = CountAsync(fleet, stop.Token);

        await Task.WhenAll(DatabaseFleet.BuildAsync(host, "north"), DatabaseFleet.BuildAsync(host, "south"));
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => host.Services.GetRequiredService<IProjections>().In("south").FindStatusAsync(DatabaseFleet.Summary)));
        await stop.CancelAsync();

        (await counting).ShouldBeInRange(1, 8);
        await host.StopAsync();
    }

    [PostgresFact]
    public async Task One_for_which_no_connections_are_left_is_not_opened_and_is_told()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "north", "south");
        using var host = await fleet.StartAsync(null, ("DatabaseList:Connections", "15"));

        var health = await Deadline.UntilAsync(() => DatabaseFleet.HealthAsync(host), one => one.Description!.Contains("There are no connections left for it", StringComparison.Ordinal), "tell of the want");

        health.Description!.ShouldContain("8 of the 15 that 'DatabaseList:Connections' allows are given to other databases, and it needs 8");
        await host.StopAsync();
    }

    /// <returns>The most connections that either had at any time.</returns>
    private static async Task<long> CountAsync(DatabaseFleet fleet, CancellationToken stop)
    {
        var most = 0L;
        while (!stop.IsCancellationRequested)
        {
            foreach (var name in fleet.Stores.Keys)
            {
                most = Math.Max(most, await fleet.ConnectionsAsync(name));
            }
        }

        return most;
    }
}
