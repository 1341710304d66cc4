using Microsoft.Playwright;
using Projections.Testing;
using Projections.Web.Security;

namespace Projections.Web.Pages;

/// <summary>The page with a keyboard, for screen readers, in both colour schemes, with keys, and when the worker is away.</summary>
public sealed class UsabilityTests(PostgresFixture postgres, Chromium chromium) : IClassFixture<PostgresFixture>, IClassFixture<Chromium>
{
    [ChromiumFact]
    public async Task A_rebuild_is_started_with_the_keyboard_alone()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await using var ana = await chromium.OpenAsync(world);
        await ana.Button("Rebuild open_items").WaitForAsync();

        await TabToAsync(ana, "Rebuild open_items");
        await ana.Page.Keyboard.PressAsync("Enter");
        await ana.Dialog.WaitForAsync();
        await ana.Page.Keyboard.PressAsync("Escape");
        await ana.Dialog.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        (await FocusAsync(ana)).ShouldBe("Rebuild open_items", "the focus went elsewhere");
        await ana.Page.Keyboard.PressAsync("Enter");
        await TabToAsync(ana, "Start the rebuild");
        await ana.Page.Keyboard.PressAsync("Space");

        await ana.SeesAsync("open_items", 1, "ready");
    }

    [ChromiumFact]
    public async Task Everything_has_a_name_a_place_and_enough_contrast()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 300);
        await world.BuildAndSwitchAsync("invoice_summary", 1);
        await world.BuildAndSwitchAsync("open_items", 1);
        await world.CommandAsync("/projections/invoice_summary/rebuild", new { to = 2, throttle = 100 });
        foreach (var colors in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await using var ana = await chromium.OpenAsync(world, colors);
            await ana.SeesAsync("invoice_summary", 2, "replaying");
            await ana.Page.GetByRole(AriaRole.Main).WaitForAsync();
            await ana.Page.GetByRole(AriaRole.Banner).First.WaitForAsync();
            await ana.Page.GetByRole(AriaRole.Progressbar).First.WaitForAsync();
            (await ana.FindFlawsAsync()).ShouldBeEmpty($"on the page, {colors}");
            await ana.PictureAsync($"{colors.ToString().ToLowerInvariant()}-overview");

            await ana.Button("Rebuild customer_month_revenue").ClickAsync();
            (await ana.FindFlawsAsync()).ShouldBeEmpty($"in the dialog, {colors}");
        }
    }

    [ChromiumFact]
    public async Task What_changes_is_said_to_those_who_do_not_see_it()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 50);
        await using var ana = await chromium.OpenAsync(world);
        await ana.Button("Rebuild open_items").WaitForAsync();
        await ana.Page.EvaluateAsync(
            """
            () => { window.heard = []; const region = document.getElementById('announcements');
              new MutationObserver(() => window.heard.push(region.textContent)).observe(region, { childList: true }); }
            """);

        await world.CommandAsync("/projections/open_items/rebuild", new { throttle = 100 });
        await ana.SeesAsync("open_items", 1, "replaying");
        await world.CommandAsync("/projections/open_items/pause");
        await ana.SeesAsync("open_items", 1, "paused");

        (await ana.Page.EvaluateAsync<string[]>("() => window.heard")).ShouldContain("open_items v1 is paused.");
    }

    [ChromiumFact]
    public async Task A_key_is_asked_for_and_a_reader_gets_no_buttons()
    {
        var (text, ben) = ApiKey.Make("ben", CallerRole.Reader);
        var (better, ana) = ApiKey.Make("ana", CallerRole.Operator);
        await using var world = await WebWorld.CreateAsync(postgres, 20, options => options.ApiKeys = [ben, ana]);
        await using var person = await chromium.OpenAsync(world);

        await person.Dialog.GetByLabel("Key").FillAsync("guessed");
        await person.Dialog.GetByRole(AriaRole.Button).ClickAsync();
        await person.SeesAsync("This worker does not know that key.");
        await person.PictureAsync("sign-in");
        await person.Dialog.GetByLabel("Key").FillAsync(text);
        await person.Page.Keyboard.PressAsync("Enter");
        await person.SeesAsync("ben (may look only)");
        await person.SeesAsync("Never built");
        (await person.Button("Rebuild open_items").CountAsync()).ShouldBe(0);

        await person.Button("Sign out").ClickAsync();
        await person.Dialog.GetByLabel("Key").FillAsync(better);
        await person.Page.Keyboard.PressAsync("Enter");
        await person.Button("Rebuild open_items").WaitForAsync();
    }

    [ChromiumFact]
    public async Task Whoever_has_some_rights_is_offered_what_they_may_do_and_nothing_else()
    {
        await using var provider = await TokenProvider.StartAsync();
        await using var world = await WebWorld.CreateAsync(postgres, 20, options =>
        {
            options.ApiKeys = [ApiKey.Make("ana", CallerRole.Operator).Key];
            options.Tokens.Issuer = provider.Issuer;
            options.Tokens.Audience = TokenProvider.Audience;
            RoleRights.TryParse("team-billing", "rebuild, switch invoice_*", out var rights).ShouldBeTrue();
            options.Roles = [rights!];
        });
        await using var bo = await chromium.OpenAsync(world);
        await bo.Dialog.GetByLabel("Key").FillAsync(provider.Token("bo", ["team-billing"]));
        await bo.Page.Keyboard.PressAsync("Enter");

        await bo.Button("Rebuild invoice_summary").ClickAsync();
        await bo.ConfirmAsync("Start the rebuild");
        await bo.SeesAsync("invoice_summary", 2, "ready");

        await bo.Button("Switch to v2 of invoice_summary").WaitForAsync();
        (await bo.Button("Abort v2 of invoice_summary").CountAsync()).ShouldBe(0, "bo has no right to abort");
        (await bo.Button("Rebuild open_items").CountAsync()).ShouldBe(0, "bo has no right to that projection");
        await bo.PictureAsync("some-rights");
    }

    [ChromiumFact]
    public async Task A_lost_connection_is_told_and_comes_back_by_itself()
    {
        await using var world = await WebWorld.CreateAsync(postgres, 20);
        await using var ana = await chromium.OpenAsync(world);
        await ana.SeesAsync("Live");

        await ana.Page.RouteAsync("**/about", route => route.AbortAsync());
        await ana.Page.RouteAsync("**/progress", route => route.AbortAsync());
        await ana.Page.ReloadAsync();
        await ana.SeesAsync("Connection lost; trying again");
        await ana.Page.UnrouteAllAsync();

        await ana.SeesAsync("Live");
    }

    private static async Task TabToAsync(Person person, string name)
    {
        for (var presses = 0; await FocusAsync(person) != name; presses++)
        {
            presses.ShouldBeLessThan(60, $"'{name}' cannot be reached with the Tab key");
            await person.Page.Keyboard.PressAsync("Tab");
        }
    }

    private static Task<string> FocusAsync(Person person) =>
        person.Page.EvaluateAsync<string>("() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent");
}
