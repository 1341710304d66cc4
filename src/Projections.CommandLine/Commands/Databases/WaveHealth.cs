using Projections.Catalog;
using Projections.Checks;
using Projections.CommandLine.Terminal;
using Projections.Hosting.Databases;
using Projections.Postgres;

namespace Projections.CommandLine.Commands.Databases;

/// <summary>Looks whether the databases of a wave become healthy, and stay so for a time.</summary>
internal sealed class WaveHealth(Invocation call, IReadOnlyList<DatabaseAddress> wave)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <returns>What is wrong, by database; empty when all have been healthy for so long.</returns>
    public async Task<IReadOnlyList<string>> WatchAsync(TimeSpan healthyFor, CancellationToken stop)
    {
        var calls = wave.Select(address => call.For(address, new Screen(json: false, TextWriter.Null, []))).ToList();
        try
        {
            var systems = new List<ProjectionSystem>();
            foreach (var one in calls)
            {
                systems.Add(await one.OpenForALookAsync(stop));
            }

            return await WatchAsync(systems, healthyFor, stop);
        }
        finally
        {
            foreach (var one in calls)
            {
                await one.DisposeAsync();
            }
        }
    }

    private async Task<IReadOnlyList<string>> WatchAsync(List<ProjectionSystem> systems, TimeSpan healthyFor, CancellationToken stop)
    {
        var time = systems[0].Time;
        long? since = null;
        while (true)
        {
            var looks = new List<Look>();
            for (var number = 0; number < systems.Count; number++)
            {
                looks.Add(await LookAsync(wave[number].Name, systems[number], stop));
            }

            if (looks.SelectMany(look => look.Wrong).ToList() is { Count: > 0 } wrong)
            {
                return wrong;
            }

            since = looks.Exists(look => look.IsBuilding) ? null : since ?? time.GetTimestamp();
            if (since is { } began && time.GetElapsedTime(began) >= healthyFor)
            {
                return [];
            }

            await Task.Delay(BetweenLooks < healthyFor || since is null ? BetweenLooks : healthyFor, time, stop);
        }
    }

    private static async Task<Look> LookAsync(string database, ProjectionSystem system, CancellationToken stop)
    {
        try
        {
            var versions = (await system.Catalog.ReadAllAsync(stop)).SelectMany(projection => projection.Versions).ToList();
            var checks = await CheckHistory.ReadLatestAsync(system.Catalog, stop);
            var wrong = versions.Select(WrongOf).OfType<string>()
                .Concat(checks.Where(check => check.Verdict != Verdict.Healthy).Select(check => $"{check.Version} is {check.Verdict.Text()} by its last check."));
            return new Look(versions.Exists(version => version.State.IsBuild()), [.. wrong.Select(one => $"{database}: {one}")]);
        }
        catch (Exception exception) when (PassingFault.Is(exception))
        {
            return new Look(IsBuilding: false, [$"{database}: {exception.Cause}"]);
        }
    }

    private static string? WrongOf(VersionSnapshot version) => version switch
    {
        { State: VersionState.Failed } => $"{version.Id} failed: {version.Failure}",
        { State: VersionState.Paused } => $"{version.Id} is paused.",
        { Trouble: { } trouble } => $"{version.Id} cannot go on at present: {trouble}",
        _ => null,
    };

    private sealed record Look(bool IsBuilding, IReadOnlyList<string> Wrong);
}
