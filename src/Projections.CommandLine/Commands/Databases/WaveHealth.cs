using Npgsql;
using Projections.Catalog;
using Projections.Checks;
using Projections.Hosting.Databases;
using Projections.Postgres;

namespace Projections.CommandLine.Commands.Databases;

/// <summary>
/// Looks whether the databases of a wave become healthy, and stay so for a time. One without a catalog has no projections, and no more is asked of it than that it can
/// be reached.
/// </summary>
internal sealed class WaveHealth(IReadOnlyList<DatabaseAddress> wave)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <returns>What is wrong, by database; empty when all have been healthy for so long.</returns>
    public async Task<IReadOnlyList<string>> WatchAsync(TimeSpan healthyFor, CancellationToken stop)
    {
        var watched = wave.Where(address => address.ReadModels is not null).Select(address => (address.Name, ReadModels: Connect(address.ReadModels!))).ToList();
        try
        {
            return await WatchAsync(watched, healthyFor, stop);
        }
        finally
        {
            foreach (var (_, readModels) in watched)
            {
                await readModels.DisposeAsync();
            }
        }
    }

    private static NpgsqlDataSource Connect(string readModels) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(ConnectionText.ToConnectionString(readModels)) { MaxPoolSize = 1, ApplicationName = "projections/waves" });

    private static async Task<IReadOnlyList<string>> WatchAsync(IReadOnlyList<(string Name, NpgsqlDataSource ReadModels)> watched, TimeSpan healthyFor, CancellationToken stop)
    {
        var time = TimeProvider.System;
        long? since = null;
        while (true)
        {
            var looks = new List<Look>();
            foreach (var (name, readModels) in watched)
            {
                looks.Add(await TryLookAsync(name, new ProjectionCatalog(readModels), stop));
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

    private static async Task<Look> TryLookAsync(string database, ProjectionCatalog catalog, CancellationToken stop)
    {
        try
        {
            return await LookAsync(database, catalog, stop);
        }
        catch (Exception exception) when (PassingFault.Is(exception) || exception is NpgsqlException or CatalogTooNew)
        {
            return new Look(IsBuilding: false, [$"{database}: {exception.Cause}"]);
        }
    }

    private static async Task<Look> LookAsync(string database, ProjectionCatalog catalog, CancellationToken stop)
    {
        await using (var connection = await catalog.ReadModels.OpenConnectionAsync(stop))
        {
            if (await connection.ScalarAsync<bool>("select to_regclass('projections.version') is null", stop))
            {
                return new Look(IsBuilding: false, []);
            }
        }

        await catalog.InstallAsync(stop);
        var versions = (await catalog.ReadAllAsync(stop)).SelectMany(projection => projection.Versions).ToList();
        var checks = await CheckHistory.ReadLatestAsync(catalog, stop);
        var wrong = versions.Select(WrongOf).OfType<string>()
            .Concat(checks.Where(check => check.Verdict != Verdict.Healthy).Select(check => $"{check.Version} is {check.Verdict.Text()} by its last check."));
        return new Look(versions.Exists(version => version.State.IsBuild()), [.. wrong.Select(one => $"{database}: {one}")]);
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
