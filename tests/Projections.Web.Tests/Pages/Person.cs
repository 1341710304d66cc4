using Microsoft.Playwright;

namespace Projections.Web.Pages;

/// <summary>Somebody who looks at the page and uses it by what can be seen or heard of it: roles, names and texts.</summary>
public sealed class Person : IAsyncDisposable
{
    private static readonly string Folder = Path.Combine(FindProject(), "TestResults", "screenshots");

    private readonly IBrowserContext _context;
    private readonly List<string> _trouble = [];

    private Person(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
    }

    public IPage Page { get; }

    internal static async Task<Person> VisitAsync(IBrowserContext context, Uri address)
    {
        var page = await context.NewPageAsync();
        var person = new Person(context, page);
        page.PageError += (_, error) => person._trouble.Add(error);
        page.Console += (_, line) =>
        {
            // A browser complains of every answer that is not 200, also where that is what was to be shown.
            if (line.Type == "error" && !line.Text.Contains("Failed to load resource", StringComparison.Ordinal))
            {
                person._trouble.Add(line.Text);
            }
        };
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Authority != address.Authority)
            {
                person._trouble.Add($"asked another machine: {request.Url}");
            }
        };
        await page.GotoAsync("/");
        return person;
    }

    /// <summary>A button by its name.</summary>
    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>The dialog that is open.</summary>
    /// <summary>The one that is open; of two, that which was opened last.</summary>
    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog).Last;

    public ILocator Projection(string name) => Page.GetByRole(AriaRole.Article, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Version(string projection, int number) =>
        Projection(projection).GetByRole(AriaRole.Listitem).Filter(new LocatorFilterOptions { Has = Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = $"v{number}", Exact = true }) });

    /// <summary>Waits until a version is said to be in a state.</summary>
    public Task SeesAsync(string projection, int version, string state) =>
        Version(projection, version).Locator(".badge").GetByText(state, new LocatorGetByTextOptions { Exact = true }).WaitForAsync();

    /// <summary>Waits until a text can be seen.</summary>
    public Task SeesAsync(string text) => Page.GetByText(text).Locator("visible=true").First.WaitForAsync();

    /// <summary>Confirms what a dialog asks.</summary>
    public async Task ConfirmAsync(string button)
    {
        await Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = button, Exact = true }).ClickAsync();
        await Dialog.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
    }

    /// <summary>Confirms what a dialog asks, and waits until it says why it was refused.</summary>
    public async Task ConfirmRefusedAsync(string button, string because)
    {
        await Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = button, Exact = true }).ClickAsync();
        await Dialog.GetByText(because).WaitForAsync();
    }

    /// <summary>Keeps a picture of what is seen now; of a dialog what is in the window, else the whole page.</summary>
    public async Task PictureAsync(string name)
    {
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, $"{name}.png"), FullPage = await Dialog.CountAsync() == 0 });
        (await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth")).ShouldBeFalse($"{name}: it is wider than the window");
    }

    /// <summary>Finds controls without a name, ids that are there twice, and text that is hard to read (WCAG AA).</summary>
    public Task<string[]> FindFlawsAsync() => Page.EvaluateAsync<string[]>(
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

    /// <summary>Leaves, and checks that the browser had nothing to complain of.</summary>
    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        _trouble.ShouldBeEmpty();
    }

    private static string FindProject()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && folder.GetFiles("*.csproj").Length == 0)
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? AppContext.BaseDirectory;
    }
}
