using Microsoft.Playwright;

namespace Projections.Web.Pages;

/// <summary>The machine's own Chromium, started once for a test class; pages of it, and pictures of them.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>The path of a Chromium or Chrome, instead of those that packages install.</summary>
    public const string PathVariable = "PROJECTIONS_TEST_CHROMIUM";

    private static readonly string[] Paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Why pages cannot be tested here, or <c>null</c> when they can.</summary>
    public static string? SkipReason => Find() is null
        ? $"There is no Chromium on this machine. Run eng/install-chromium.sh, or set {PathVariable} to one."
        : null;

    public async Task InitializeAsync()
    {
        if (Find() is { } path)
        {
            _playwright = await Playwright.CreateAsync();
            // As root, which containers are, it starts without its sandbox only; it visits nothing but ourselves.
            _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
        }
    }

    /// <summary>Opens the page of a world as a person with this window and these wishes sees it.</summary>
    public Task<Person> OpenAsync(WebWorld world, ColorScheme colors = ColorScheme.Light, int width = 1200, int height = 900) =>
        OpenAsync(world.Address, colors, width, height);

    /// <inheritdoc cref="OpenAsync(WebWorld, ColorScheme, int, int)"/>
    public async Task<Person> OpenAsync(Uri address, ColorScheme colors = ColorScheme.Light, int width = 1200, int height = 900)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            ColorScheme = colors,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(60_000);
        return await Person.VisitAsync(context, address);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    private static string? Find() =>
        Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named ? named : Paths.FirstOrDefault(File.Exists);
}
