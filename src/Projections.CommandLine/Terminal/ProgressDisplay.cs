using Projections.Definitions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Projections.CommandLine.Terminal;

/// <summary>Shows a build while it goes on: a bar that is redrawn on a terminal, a line now and then elsewhere, nothing for scripts.</summary>
internal static class ProgressDisplay
{
    private const int BarWidth = 40;
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    /// <summary>Shows all of it, of one version or of several.</summary>
    /// <returns>The last of each, in the order in which they came.</returns>
    public static async Task<IReadOnlyList<BuildProgress>> ShowAsync(Screen screen, IAsyncEnumerable<BuildProgress> progress)
    {
        var last = new OrderedDictionary<VersionId, BuildProgress>();
        if (screen.IsLive)
        {
            await AnsiConsole.Live(new Text("")).StartAsync(async context =>
            {
                await foreach (var now in progress)
                {
                    last[now.Version.Id] = now;
                    context.UpdateTarget(Render([.. last.Values]));
                    context.Refresh();
                }
            });
        }
        else
        {
            await ShowLinesAsync(screen, progress, last);
        }

        return [.. last.Values];
    }

    private static async Task ShowLinesAsync(Screen screen, IAsyncEnumerable<BuildProgress> progress, OrderedDictionary<VersionId, BuildProgress> last)
    {
        var shown = new Dictionary<VersionId, DateTime>();
        await foreach (var now in progress)
        {
            var id = now.Version.Id;
            if (now.Doing != last.GetValueOrDefault(id)?.Doing || DateTime.UtcNow - shown.GetValueOrDefault(id) >= BetweenLines)
            {
                screen.Say($"{id}: {now.Doing}: {now.Numbers}");
                shown[id] = DateTime.UtcNow;
            }

            last[id] = now;
        }
    }

    private static Rows Render(List<BuildProgress> versions)
    {
        var rows = versions.ConvertAll<IRenderable>(Render);
        if (versions.Count > 1)
        {
            rows.Add(new Markup(Markup.Escape(BuildProgress.Whole(versions))));
        }

        return new Rows(rows);
    }

    private static Rows Render(BuildProgress progress)
    {
        var filled = (int)Math.Round((progress.Share ?? 0) * BarWidth);
        IRenderable bar = new Markup(
            $"[green]{new string('━', filled)}[/][grey]{new string('━', BarWidth - filled)}[/]  {Markup.Escape(progress.Numbers)}");
        return new Rows(new Markup($"[bold]{progress.Version.Id}[/]  {Markup.Escape(progress.Doing)}"), bar);
    }
}
