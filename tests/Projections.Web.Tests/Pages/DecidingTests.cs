using System.Net;
using Microsoft.Playwright;
using Npgsql;
using Projections.LocalPostgres;
using Projections.Testing;

namespace Projections.Web.Pages;

/// <summary>What a person is shown who must decide whether reads go to another version.</summary>
public sealed class DecidingTests(PostgresFixture postgres, Chromium chromium) : IClassFixture<PostgresFixture>, IClassFixture<Chromium>
{
    [ChromiumFact(OwnCluster = true)]
    public async Task Both_versions_and_who_reads_are_side_by_side_before_a_switch_and_comparing_comes_first()
    {
        await using var cluster = await postgres.OwnClusterAsync(
            new LocalPostgresOptions { Settings = new Dictionary<string, string> { ["shared_preload_libraries"] = "pg_stat_statements" } });
        await using var world = await WebWorld.CreateAsync(await PostgresFixture.CreateDatabaseAsync(cluster), 50);
        await world.Database.ExecuteAsync("create extension pg_stat_statements");
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.BuildAsync("invoice_summary", 2);
        await using var reader = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(world.Database.ConnectionString) { ApplicationName = "billing-api" }.ToString());
        await reader.OpenAsync();
        foreach (var statement in (string[])["select line_count from invoice_summary where invoice_id = '00000000-0000-0000-0000-000000000001'", "select customer from invoice_summary", "select * from invoice_summary"])
        {
            await using var read = new NpgsqlCommand(statement, reader);
            await read.ExecuteNonQueryAsync();
        }

        await world.Database.ExecuteAsync("update invoice_summary_v2 set customer = 'somebody' where invoice_id = (select min(invoice_id::text)::uuid from invoice_summary_v2)");
        await using var ana = await chromium.OpenAsync(world, height: 1300);
        await ana.Button("Compare v2 of invoice_summary").WaitForAsync();
        (await FirstChoicesAsync(ana)).ShouldBe(["Compare…"]);

        await ana.Button("Switch to v2 of invoice_summary").ClickAsync();
        await ana.Dialog.GetByText("They have not been compared since both tables were built.").WaitForAsync();
        (await ana.Dialog.Locator("button.primary").CountAsync()).ShouldBe(0);
        await ana.Dialog.Locator(".beside").GetByText("it fails: column \"line_count\" does not exist").WaitForAsync();
        await ana.Dialog.GetByText("it returns other columns or types").WaitForAsync();
        await ana.Dialog.GetByText("billing-api").WaitForAsync();
        await ana.Dialog.GetByText("readers queued for").WaitForAsync();
        await ana.PictureAsync("side-by-side-1-not-compared");
        await ana.Page.Keyboard.PressAsync("Escape");

        await world.OrderAsync("/projections/invoice_summary/verify", new { from = 1, to = 2 });
        await ana.SeesAsync("Its rows differed from those of v1");
        await ana.Button("Switch to v2 of invoice_summary").ClickAsync();
        await ana.Dialog.GetByText("49 rows are equal, and not so: 1 with other values in customer").WaitForAsync();
        await ana.Dialog.GetByText("customer text of 8").WaitForAsync();
        await ana.Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Show their values" }).ClickAsync();
        await ana.Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Show them" }).ClickAsync();
        await ana.Dialog.GetByText("customer somebody").WaitForAsync();
        await ana.PictureAsync("side-by-side-2-differ");
        await ana.Page.Keyboard.PressAsync("Escape");

        await world.OrderAsync("/projections/invoice_summary/repair", new { version = 2, whereDifferent = true });
        await world.OrderAsync("/projections/invoice_summary/verify", new { from = 1, to = 2 });
        await ana.SeesAsync("Its rows agreed with those of v1");
        (await FirstChoicesAsync(ana)).ShouldBe(["Switch to v2…"]);
        foreach (var (colors, width, name) in ((ColorScheme, int, string)[])[(ColorScheme.Light, 1200, "light"), (ColorScheme.Dark, 1200, "dark"), (ColorScheme.Dark, 390, "phone")])
        {
            await using var eva = await chromium.OpenAsync(world, colors, width, 1300);
            await eva.Button("Switch to v2 of invoice_summary").ClickAsync();
            await eva.Dialog.GetByText("All 50 rows are equal").WaitForAsync();
            (await eva.Dialog.Locator("button.primary").TextContentAsync()).ShouldBe("Switch reads to v2");
            (await eva.FindFlawsAsync()).ShouldBeEmpty(name);
            await eva.PictureAsync($"side-by-side-3-agree-{name}");
        }
    }

    [ChromiumFact]
    public async Task A_failed_version_says_once_why_and_what_helps_and_shows_its_events_values_to_whoever_asks_which_the_history_keeps()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 50);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.Store.AppendAsync(new Events.StreamId(Guid.NewGuid()), [("tax_applied", """{"rate":0.19,"amount":1,"by":"Ana Nowak"}""")]);
        await world.CommandAsync("/projections/invoice_summary/rebuild", new { to = 2 });
        await world.BecomesAsync("invoice_summary", 2, "failed");
        await (await world.CommandAsync("/projections/invoice_summary/check")).ShouldBeAsync(HttpStatusCode.OK);
        await using var ana = await chromium.OpenAsync(world);
        await ana.SeesAsync("Failed at position 501");
        (await ana.Version("invoice_summary", 2).GetByText("cannot be folded").CountAsync()).ShouldBe(1, "how often the handler's words are repeated");
        (await FirstChoicesAsync(ana)).ShouldBe(["Set event aside…"]);
        (await ana.Version("invoice_summary", 2).GetByRole(AriaRole.List).GetByText("add an upcaster").CountAsync()).ShouldBe(1);

        await ana.Version("invoice_summary", 2).GetByText("The event", new LocatorGetByTextOptions { Exact = true }).ClickAsync();
        await ana.SeesAsync("\"by\": \"text of 9\"");
        (await ana.Page.ContentAsync()).ShouldNotContain("Ana Nowak");
        await ana.PictureAsync("failed-1-event-hidden");
        await ana.Button("Show the data of the event at which v2 stopped").ClickAsync();
        await ana.Dialog.GetByLabel("Reason, kept in the history").FillAsync("a bug report");
        await ana.PictureAsync("failed-2-asks");
        await ana.ConfirmAsync("Show it");
        await ana.SeesAsync("\"by\": \"Ana Nowak\"");

        await ana.Projection("invoice_summary").GetByText("History", new LocatorGetByTextOptions { Exact = true }).ClickAsync();
        await ana.SeesAsync("show-event: The event at position 501");
        await ana.SeesAsync("a bug report");
        await ana.PictureAsync("failed-3-event-shown");
        foreach (var (colors, width, name) in ((ColorScheme, int, string)[])[(ColorScheme.Dark, 1200, "dark"), (ColorScheme.Dark, 390, "phone")])
        {
            await using var eva = await chromium.OpenAsync(world, colors, width);
            await eva.Version("invoice_summary", 2).GetByText("The event", new LocatorGetByTextOptions { Exact = true }).ClickAsync();
            await eva.SeesAsync("\"by\": \"text of 9\"");
            (await eva.FindFlawsAsync()).ShouldBeEmpty(name);
            await eva.PictureAsync($"failed-4-{name}");
        }
    }

    [ChromiumFact]
    public async Task Versions_of_other_projections_that_are_ready_can_go_with_it_in_the_same_transaction()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 50);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.BuildAsync("invoice_summary", 2);
        await world.BuildAsync("open_items", 1);
        await using var ana = await chromium.OpenAsync(world, height: 1300);

        await ana.Button("Switch to v2 of invoice_summary").ClickAsync();
        await ana.Dialog.GetByLabel("open_items v1").CheckAsync();
        await ana.Dialog.GetByText("open_items: The view is created.").WaitForAsync();
        (await ana.FindFlawsAsync()).ShouldBeEmpty();
        await ana.PictureAsync("release");
        await ana.ConfirmAsync("Switch reads to v2");

        await ana.SeesAsync("invoice_summary", 2, "live");
        await ana.SeesAsync("open_items", 1, "live");
    }

    private static Task<IReadOnlyList<string>> FirstChoicesAsync(Person person) =>
        person.Version("invoice_summary", 2).Locator("button.primary").AllTextContentsAsync();
}
