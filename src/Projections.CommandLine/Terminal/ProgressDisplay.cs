using Spectre.Console;
using Spectre.Console.Rendering;

namespace Projections.CommandLine.Terminal;

/// <summary>Shows a build while it goes on: a bar that is redrawn on a terminal, a line now and then elsewhere, nothing for scripts.</summary>
internal static class ProgressDisplay
{
    private const int BarWidth = 40;
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    /// <summary>Shows all of it.</summary>
    /// <returns>The last one.</returns>
    public static async Task<BuildProgress?> ShowAsync(Screen screen, IAsyncEnumerable<BuildProgress> progress)
    {
        if (!screen.IsLive)
        {
            return await ShowLinesAsync(screen, progress);
        }

        BuildProgress? last = null;
        await AnsiConsole.Live(new Text("")).StartAsync(async context =>
        {
            await foreach (var now in progress)
            {
                last = now;
                context.UpdateTarget(Render(now));
                context.Refresh();
            }
        });
        return last;
    }

    private static async Task<BuildProgress?> ShowLinesAsync(Screen screen, IAsyncEnumerable<BuildProgress> progress)
    {
        BuildProgress? last = null;
        var shown = DateTime.MinValue;
        await foreach (var now in progress)
        {
            if (now.Doing != last?.Doing || DateTime.UtcNow - shown >= BetweenLines)
            {
                screen.Say($"{now.Version.Id}: {now.Doing}: {now.Numbers}");
                shown = DateTime.UtcNow;
            }

            last = now;
        }

        return last;
    }

    private static Rows Render(BuildProgress progress)
    {
        var filled = (int)Math.Round((progress.Share ?? 0) * BarWidth);
        IRenderable bar = new Markup(
            $"[green]{new string('━', filled)}[/][grey]{new string('━', BarWidth - filled)}[/]  {Markup.Escape(progress.Numbers)}");
        return new Rows(new Markup($"[bold]{progress.Version.Id}[/]  {Markup.Escape(progress.Doing)}"), bar);
    }
}
