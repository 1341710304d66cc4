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
            (await LookAsync(ana)).ShouldBeEmpty($"on the page, {colors}");
            await ana.PictureAsync($"{colors.ToString().ToLowerInvariant()}-overview");

            await ana.Button("Rebuild customer_month_revenue").ClickAsync();
            (await LookAsync(ana)).ShouldBeEmpty($"in the dialog, {colors}");
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

    /// <summary>Finds controls without a name, ids that are there twice, and text that is hard to read (WCAG AA).</summary>
    private static Task<string[]> LookAsync(Person person) => person.Page.EvaluateAsync<string[]>(
        """
        () => {
          const found = [];
          const visible = (e) => e.checkVisibility() && e.getClientRects().length > 0;
          for (const e of document.querySelectorAll('button, a, input, select, summary, [role=img], progress')) {
            const name = e.getAttribute('aria-label') || e.textContent.trim() || [...(e.labels ?? [])].map((l) => l.textContent).join('');
            if (visible(e) && !name) found.push(`no name: ${e.outerHTML.slice(0, 80)}`);
          }
          const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
          for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) found.push(`twice: #${id}`);
          const parse = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
          const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
          const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > .99) return c.slice(0, 3); } return [255, 255, 255]; };
          for (const e of document.querySelectorAll('body *')) {
            const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
            if (!own || !visible(e) || e.closest('.unseen, .skip')) continue;
            const [a, b] = [light(parse(getComputedStyle(e).color).slice(0, 3)), light(behind(e))].sort((x, y) => y - x);
            const ratio = (a + .05) / (b + .05);
            if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(2)}: ${e.className} '${e.textContent.slice(0, 40)}'`);
          }
          return found;
        }
        """);
}
