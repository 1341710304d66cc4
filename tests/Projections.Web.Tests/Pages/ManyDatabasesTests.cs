using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Playwright;
using Projections.Checks;
using Projections.Commands;
using Projections.Hosting;
using Projections.Scheduling;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Web.Pages;

/// <summary>The page of a program that serves a list of databases.</summary>
public sealed class ManyDatabasesTests(PostgresFixture postgres, Chromium chromium) : IClassFixture<PostgresFixture>, IClassFixture<Chromium>
{
    [ChromiumFact]
    public async Task Databases_are_folded_to_those_that_need_a_look_and_one_is_chosen_from_the_list()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres, "amsterdam", "berlin", "copenhagen", "dublin");
        await fleet.ListAsync("edinburgh", "Host=127.0.0.1;Port=1;Database=shop;Username=shop");
        var impatient = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Checks:MaxLag", (string?)"00:00:00.100")]).Build();
        using var host = await fleet.StartAsync(projections =>
        {
            projections.Services.AddCatchUpChecks(impatient);
            projections.Services.AddProjectionsWeb(new WebOptions { Listen = "127.0.0.1:0", RequestsPerMinute = 100_000 });
        });
        await DatabaseFleet.UntilOpenAsync(host, "amsterdam", "berlin", "copenhagen", "dublin");
        foreach (var name in (string[])["amsterdam", "berlin", "copenhagen"])
        {
            await DatabaseFleet.BuildAsync(host, name);
        }

        await using var behind = await LagAsync(fleet, host, "berlin");
        var address = host.Services.GetRequiredService<WebDoor>().Address!;
        foreach (var (colors, width, name) in ((ColorScheme, int, string)[])[(ColorScheme.Light, 1200, "light"), (ColorScheme.Dark, 1200, "dark"), (ColorScheme.Dark, 390, "phone")])
        {
            await using var ana = await chromium.OpenAsync(address, colors, width);
            await ana.SeesAsync("3 of 5 databases as they should be");
            await ana.SeesAsync("lagging at the last check");
            await ana.SeesAsync("Cannot connect to the read models");
            await ana.SeesAsync("No database is chosen");
            (await ana.Page.GetByText("Workers", new PageGetByTextOptions { Exact = true }).IsVisibleAsync()).ShouldBeFalse("nobody works on no database");
            (await ana.FindFlawsAsync()).ShouldBeEmpty(name);
            await ana.PictureAsync($"databases-1-{name}");

            await ana.Page.GetByLabel("Database", new PageGetByLabelOptions { Exact = true }).SelectOptionAsync("copenhagen");
            await ana.SeesAsync("invoice_summary", 1, "live");
            (await ana.Page.GetByLabel("Database", new PageGetByLabelOptions { Exact = true }).InputValueAsync()).ShouldBe("copenhagen");
            (await ana.FindFlawsAsync()).ShouldBeEmpty($"{name}, chosen");
            await ana.PictureAsync($"databases-2-{name}-chosen");

            await ana.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "edinburgh", Exact = true }).ClickAsync();
            await ana.SeesAsync("The database 'edinburgh' cannot be worked on at present");
            (await ana.FindFlawsAsync()).ShouldBeEmpty($"{name}, away");
            await ana.PictureAsync($"databases-3-{name}-away");
        }

        await host.StopAsync();
    }

    [ChromiumFact]
    public async Task Of_many_that_need_a_look_a_few_are_shown_and_the_others_can_be()
    {
        await using var fleet = await DatabaseFleet.CreateAsync(postgres);
        foreach (var number in Enumerable.Range(1, 60))
        {
            await fleet.ListAsync($"shop-{number:00}", "Host=127.0.0.1;Port=1;Database=shop;Username=shop");
        }

        using var host = await fleet.StartAsync(projections => projections.Services.AddProjectionsWeb(new WebOptions { Listen = "127.0.0.1:0", RequestsPerMinute = 100_000 }));
        await using var ana = await chromium.OpenAsync(host.Services.GetRequiredService<WebDoor>().Address!);

        await ana.SeesAsync("0 of 60 databases as they should be");
        await ana.SeesAsync("and 50 more");
        (await ana.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "shop-60", Exact = true }).IsVisibleAsync()).ShouldBeFalse();
        await ana.PictureAsync("databases-4-many");
        await ana.Page.GetByText("and 50 more").ClickAsync();
        await ana.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "shop-60", Exact = true }).WaitForAsync();
        await host.StopAsync();
    }

    /// <summary>Has the live version fall behind, for as long as what is returned is open, and somebody notice.</summary>
    private static async Task<IAsyncDisposable> LagAsync(DatabaseFleet fleet, IHost host, string name)
    {
        var connection = await fleet.Stores[name].DataSource.OpenConnectionAsync();
        var locking = connection.CreateCommand();
        locking.CommandText = "begin; lock table invoice_summary_v1 in share mode";
        await locking.ExecuteNonQueryAsync();
        await fleet.AppendAsync(name, invoices: 1, seed: 2);
        var projections = host.Services.GetRequiredService<IProjections>().In(name);
        await Deadline.UntilAsync(
            () => projections.RunAsync(new CheckCommand { Projection = DatabaseFleet.Summary }, new CommandContext("test")),
            check => check.Versions[0].Verdict == Verdict.Lagging,
            "fall behind");
        return connection;
    }
}
