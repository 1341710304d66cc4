using System.Globalization;
using System.Net;
using Microsoft.Playwright;
using Projections.Definitions;
using Projections.Testing;

namespace Projections.Web.Pages;

/// <summary>How a person finds one projection, and what can be tried and mended there.</summary>
public sealed class FindingTests(PostgresFixture postgres, Chromium chromium) : IClassFixture<PostgresFixture>, IClassFixture<Chromium>
{
    [ChromiumFact]
    public async Task Many_projections_are_folded_by_what_they_need_and_can_be_searched()
    {
        var many = Enumerable.Range(1, 46).Select(number => new PlainVersion(string.Create(CultureInfo.InvariantCulture, $"report_{number:00}"))).ToArray<ProjectionVersion>();
        await using var world = await WebWorld.CreateAsync(postgres, 20, configure: null, many);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.BuildAsync("open_items", 1);
        await using var ana = await chromium.OpenAsync(world);

        await ana.SeesAsync("Waiting for a decision (1)");
        await ana.SeesAsync("Live (1)");
        (await ana.Projection("open_items").IsVisibleAsync()).ShouldBeTrue("it waits for a decision");
        (await ana.Projection("invoice_summary").IsVisibleAsync()).ShouldBeFalse("it needs nothing");
        (await ana.FindFlawsAsync()).ShouldBeEmpty();
        await ana.PictureAsync("many-1-folded");

        await ana.Page.GetByText("Workers", new PageGetByTextOptions { Exact = true }).ClickAsync();
        await ana.SeesAsync("invoice_summary v1 (live), open_items v1 (ready)");
        await ana.SeesAsync(", Projections 0.");
        (await ana.FindFlawsAsync()).ShouldBeEmpty("among the workers");
        await ana.PictureAsync("many-3-workers");

        await ana.Page.GetByLabel("Find by name or state").FillAsync("report_4");
        await ana.SeesAsync("7 of ");
        (await ana.Projection("report_45").IsVisibleAsync()).ShouldBeTrue();
        await ana.PictureAsync("many-2-searched");
        await ana.Page.GetByLabel("Find by name or state").FillAsync("live");
        await ana.Projection("invoice_summary").WaitForAsync();
    }

    [ChromiumFact]
    public async Task A_projection_has_an_address_of_its_own_and_its_history_is_a_line_of_versions()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.BuildAndSwitchAsync("invoice_summary", 2);
        await (await world.CommandAsync("/projections/invoice_summary/feed/start", new { publish = true })).ShouldBeAsync(HttpStatusCode.OK);
        await using var ana = await chromium.OpenAsync(world);
        await ana.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "invoice_summary", Exact = true }).ClickAsync();
        await ana.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "All projections" }).WaitForAsync();
        (await ana.Page.GetByRole(AriaRole.Article).CountAsync()).ShouldBe(1);

        await using var eva = await chromium.OpenAsync(world, ColorScheme.Dark, 390);
        await eva.Page.GotoAsync(ana.Page.Url);
        await eva.Page.ReloadAsync();
        var line = eva.Page.GetByRole(AriaRole.List, new PageGetByRoleOptions { Name = "Versions that were live, one after the other" });
        await line.GetByText("live since").WaitForAsync();
        (await line.Locator("strong").AllTextContentsAsync()).ShouldBe(["v1", "v2"]);
        (await eva.FindFlawsAsync()).ShouldBeEmpty();
        await eva.Projection("invoice_summary").GetByText("Its feed is on since").WaitForAsync();
        await eva.SeesAsync("All of it is published on the bus.");
        await eva.PictureAsync("one-phone");
        await ana.PictureAsync("one-with-a-feed");

        await ana.SeesAsync("live since");
        await ana.PictureAsync("one-light");
        await ana.Page.GetByText("All projections").ClickAsync();
        await ana.Projection("open_items").WaitForAsync();
    }

    [ChromiumFact]
    public async Task A_version_is_planned_rehearsed_and_checked_and_rows_are_explained_and_repaired_from_the_page()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.BuildAsync("invoice_summary", 2);
        var invoice = await world.Database.ScalarAsync<string>("select min(invoice_id::text) from invoice_summary_v2");
        await using var ana = await chromium.OpenAsync(world);
        await ana.Projection("invoice_summary").GetByText("Plan, try and mend").ClickAsync();
        await ana.PictureAsync("tools-1");

        await ana.Button("Plan of invoice_summary").ClickAsync();
        await ana.Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Show the plan" }).ClickAsync();
        await ana.Dialog.GetByText("no replay is needed").WaitForAsync();
        (await ana.FindFlawsAsync()).ShouldBeEmpty("in the plan");
        await ana.PictureAsync("tools-2-plan");
        await ana.Page.Keyboard.PressAsync("Escape");

        await ana.Button("Explain a row of invoice_summary").ClickAsync();
        await ana.Dialog.GetByLabel("Key of the row").FillAsync(invoice!);
        await ana.Page.Keyboard.PressAsync("Enter");
        await ana.Dialog.GetByRole(AriaRole.Heading, new LocatorGetByRoleOptions { Name = "In the tables" }).WaitForAsync();
        await ana.Dialog.GetByText("Values are hidden, as they may be about people.").WaitForAsync();
        (await ana.FindFlawsAsync()).ShouldBeEmpty("in the explanation");
        await ana.Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Show values" }).ClickAsync();
        await ana.Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Show them" }).ClickAsync();
        await ana.Dialog.GetByText("R-0000").First.WaitForAsync();
        await ana.PictureAsync("tools-3-explanation");
        await ana.Page.Keyboard.PressAsync("Escape");

        await ana.Button("Rehearse of invoice_summary").ClickAsync();
        await ana.Dialog.GetByLabel("Part of the streams").SelectOptionAsync("all");
        await ana.ConfirmAsync("Rehearse it");
        await ana.SeesAsync("were folded into 20 rows");
        await ana.Button("Repair rows of invoice_summary").ClickAsync();
        await ana.Dialog.GetByLabel("Key of a row").FillAsync(invoice!);
        await ana.ConfirmAsync("Fold them anew");
        await ana.SeesAsync("1 rows of invoice_summary v1 were folded anew");
        await ana.Button("Check now of invoice_summary").ClickAsync();
        await ana.ConfirmAsync("Check it");
        await ana.SeesAsync("healthy");
        await ana.PictureAsync("tools-4-done");
    }
}
