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
    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    public ILocator Projection(string name) => Page.GetByRole(AriaRole.Article, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Version(string projection, int number) =>
        Projection(projection).GetByRole(AriaRole.Listitem).Filter(new LocatorFilterOptions { Has = Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = $"v{number}", Exact = true }) });

    /// <summary>Waits until a version is said to be in a state.</summary>
    public Task SeesAsync(string projection, int version, string state) =>
        Version(projection, version).Locator(".badge").GetByText(state, new LocatorGetByTextOptions { Exact = true }).WaitForAsync();

    /// <summary>Waits until a text can be seen.</summary>
    public Task SeesAsync(string text) => Page.GetByText(text).First.WaitForAsync();

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
