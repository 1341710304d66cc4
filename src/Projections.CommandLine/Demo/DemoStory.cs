using System.Diagnostics;
using System.Globalization;
using Projections.Catalog;
using Projections.CommandLine.Commands;
using Projections.CommandLine.Terminal;
using Projections.Commands;
using Projections.Definitions;
using Projections.Operations;
using Projections.Switching;

namespace Projections.CommandLine.Demo;

/// <summary>The demo's course: a version is built beside the live one, reads are switched to it and back, and everything is measured.</summary>
internal sealed class DemoStory(Screen screen, ProjectionSystem system, Task worker, DemoStore store, DemoTable table)
{
    private const string Why = "to show it";

    private static readonly CommandContext Demo = new("demo");

    /// <summary>How long readers and writer go on between two steps.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(2);

    /// <summary>How long a version may take to be current before a switch.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A read that a switch held up may end a little after it.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromMilliseconds(250);

    private readonly VersionId _first = table.First.Id;
    private readonly VersionId _second = table.Second.Id;
    private readonly List<BuildFigures> _builds = [];
    private readonly List<SwitchFigures> _switches = [];

    public async Task<DemoFigures> RunAsync(CancellationToken stop)
    {
        screen.Say("");
        screen.Say($"Building {_first} from history, and switching reads to it.");
        await BuildAsync(_first, switchWhenReady: true, stop);

        await using var writer = await DemoWriter.StartAsync(store, stop);
        await SeeWatchedAsync(writer.Watched, stop);
        await using var readers = DemoReaders.Start(store, table, writer.Watched);
        screen.Say("");
        screen.Say($"From now on {DemoReaders.Count} services query {_first.Projection} as fast as they can, by prepared statements, and");
        screen.Say($"an application appends events all the time. v{_first.Number} follows them.");
        await BreatheAsync(writer, stop);

        screen.Say("");
        screen.Say(store.Demo.Change);
        screen.Say($"So v{_second.Number} is built beside v{_first.Number}.");
        await BuildAsync(_second, switchWhenReady: false, stop);
        screen.Say($"v{_second.Number} is in the lockstep now: each transaction advances both versions, so no snapshot sees them apart.");
        await BreatheAsync(writer, stop);

        screen.Say("");
        screen.Say($"Switching reads to v{_second.Number}, in one transaction, under the eyes of the readers.");
        await SwitchAsync($"Switch to v{_second.Number}", _second, readers.Figures, () => new SwitchCommand { Projection = _second.Projection, To = _second.Number, Why = Why }.RunAsync(system, Demo, stop), stop);
        await BreatheAsync(writer, stop);

        screen.Say("");
        screen.Say($"And back: v{_first.Number} was kept current, so a rollback is a switch like any other, and loses nothing.");
        await SwitchAsync($"Rollback to v{_first.Number}", _first, readers.Figures, () => new RollbackCommand { Projection = _first.Projection, Why = Why }.RunAsync(system, Demo, stop), stop);
        await BreatheAsync(writer, stop);

        var agree = await AgreeAsync([writer.Watched, .. store.Streams, .. writer.Streams], stop);
        var figures = readers.Figures;
        return new DemoFigures(_builds, _switches, writer.Events, figures.Reads, figures.Failed, figures.Stale, figures.Longest, agree, figures.FirstProblem);
    }

    private async Task BuildAsync(VersionId id, bool switchWhenReady, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        await new RebuildCommand { Projection = id.Projection, To = id.Number, SwitchWhenReady = switchWhenReady, Why = Why }.RunAsync(system, Demo, stop);
        var seen = await ProgressDisplay.ShowAsync(screen, new BuildWatch(system, id, worker).ReadAsync(version => IsBuilt(version, switchWhenReady), stop));
        var last = seen is [var only] ? only : null;
        if (last?.Version.State is not (VersionState.Ready or VersionState.Live))
        {
            throw new BuildStopped($"{id} is {last?.Version.State.Text()}: {last?.Version.Failure}");
        }

        var build = new BuildFigures($"v{id.Number}", last.Version.EventsDone, Stopwatch.GetElapsedTime(began));
        _builds.Add(build);
        screen.Say(string.Create(CultureInfo.InvariantCulture, $"Done: {build.Events:N0} events in {build.Took.TotalSeconds:0.0} s, with indexes and statistics."));
    }

    private static bool IsBuilt(VersionSnapshot version, bool live) =>
        version.State is VersionState.Failed or VersionState.Live || (version is { State: VersionState.Ready, Lockstep: true } && !(live && version.SwitchWhenReady));

    private async Task SwitchAsync(string what, VersionId to, ReadFigures figures, Func<Task<SwitchResult>> action, CancellationToken stop)
    {
        await new SwitchReadiness(system, to, worker).WaitAsync(Patience, stop);
        figures.TakeLongestLately();
        var reads = figures.Reads;
        var began = Stopwatch.GetTimestamp();
        var result = await action();
        var took = Stopwatch.GetElapsedTime(began);
        var meanwhile = figures.Reads - reads;
        await Task.Delay(Aftermath, stop);
        _switches.Add(new SwitchFigures(what, took, meanwhile, figures.TakeLongestLately()));
        screen.Say(string.Create(CultureInfo.InvariantCulture, $"Reads go to v{result.To} since position {result.Position}, after {took.TotalMilliseconds:0} ms; {meanwhile:N0} reads were served meanwhile."));
        screen.Say($"For readers {ChangeText.Of(result.Change!)}.");
    }

    /// <summary>Lets readers and writer go on for a moment; a writer that failed ends the demo.</summary>
    private static async Task BreatheAsync(DemoWriter writer, CancellationToken stop)
    {
        var breath = Task.Delay(Breath, stop);
        await await Task.WhenAny(breath, writer.Writing);
    }

    /// <summary>The readers begin when there is something for them to see.</summary>
    private async Task SeeWatchedAsync(Guid watched, CancellationToken stop)
    {
        await using var command = table.ExistsCommand(store.Sql, watched);
        while (await command.ExecuteScalarAsync(stop) is not true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), stop);
        }
    }

    private async Task<bool> AgreeAsync(Guid[] keys, CancellationToken stop)
    {
        await using var command = table.AgreeCommand(store.Sql, keys);
        return await command.ExecuteScalarAsync(stop) is true;
    }
}
