using System.Globalization;
using Npgsql;
using Projections.Definitions;
using Projections.LocalPostgres;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Testing;
using Projections.TestServers;
using Xunit.Abstractions;

namespace Projections.EndToEnd.LateEvents;

/// <summary>
/// Many events that come late, while workers are killed and the server stops at once. <c>PROJECTIONS_TEST_LATE_EVENTS</c> says how many at
/// least (60), <c>PROJECTIONS_TEST_LATE_SECONDS</c> how long a writer takes at most (2); the grace time is a twentieth of it.
/// </summary>
public sealed class LateEventStormTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private static readonly ProjectionRegistry Registry = ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly);

    private static readonly ProjectionName Invoices = new("invoice_summary");

    private const int LeastRows = 100;

    /// <summary>How many events that a version passed turned up behind it.</summary>
    private const string Late = "select count(*) from projections.late_event where number = 1";

    private readonly Random _random = new(7);

    [PostgresFact(OwnCluster = true)]
    public async Task Of_events_that_come_late_under_kills_of_worker_and_server_none_is_lost_and_none_counts_twice()
    {
        var wanted = World.Setting("PROJECTIONS_TEST_LATE_EVENTS", 60);
        var longest = TimeSpan.FromSeconds(World.Setting("PROJECTIONS_TEST_LATE_SECONDS", 2));
        await using var cluster = await postgres.OwnClusterAsync(new LocalPostgresOptions { Durable = true });
        await using var world = await World.CreateAsync(await PostgresFixture.CreateDatabaseAsync(cluster));
        await world.SeedAsync(200);
        var system = await world.OpenAsync(Registry);
        await using (var first = Start(world, longest))
        {
            await world.BuildAndSwitchAsync(system, "invoice_summary", 1);
            await world.BuildAsync(system, "invoice_summary", 2);
        }

        var writers = new RichWriters(world.Sql, longest, seed: 1);
        using var enough = new CancellationTokenSource();
        var writing = writers.RunAsync(Math.Max(40, (int)longest.TotalSeconds * 4), enough.Token);
        var (kills, restarts) = (0, 0);
        while (await world.Database.ScalarAsync<long>(Late) < wanted || kills < 4)
        {
            await DisturbAsync(world, longest, Math.Max(10, wanted / 40));
            kills += 2;
            if (kills % 4 == 0)
            {
                await cluster.StopAsync(StopMode.Immediate);
                await cluster.StartAgainAsync();
                world.Sql.Clear();
                restarts++;
            }
        }

        await enough.CancelAsync();
        await writing;

        await using var last = Start(world, longest);
        foreach (var version in new[] { 1, 2 })
        {
            await Deadline.UntilAsync(
                async () => (Waiting: await world.ColumnAsync($"select l::text from projections.late_event l where number = {version} and status = 'waiting'"), last.Said),
                seen => seen.Waiting.Count == 0,
                "mend every late event");
            await world.EventuallyAsync($"select events_done from projections.version where projection = 'invoice_summary' and number = {version}", await HandledAsync(world, version));
            var id = new VersionId(Invoices, version);
            (await world.RowsAsync(id, LeastRows)).ShouldBe(await world.UndisturbedAsync(postgres, Registry, id, LeastRows), $"{id}; {last.Said}");
        }

        var late = await world.Database.ScalarAsync<long>(Late);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{writers.Appended} events, {late} of them late, {writers.RolledBack} numbers rolled back; {kills} workers killed, {restarts} restarts of the server, {writers.Retried} statements tried again; lost 0, doubled 0."));
    }

    /// <summary>Two workers, of which one and then the other is killed, at any moment after late events have turned up under their hands.</summary>
    private async Task DisturbAsync(World world, TimeSpan longest, int late)
    {
        await using var one = Start(world, longest);
        await using var other = Start(world, longest);
        var before = await world.Database.ScalarAsync<long>(Late);
        await world.EventuallyAsync($"select ({Late}) >= {before + late}", true);
        await Task.Delay(_random.Next(1_000));
        await one.KillAsync();
        await Task.Delay(_random.Next((int)Math.Min(4_000, longest.TotalMilliseconds / 2)));
    }

    /// <summary>How many events of the store a version handles.</summary>
    private static async Task<long> HandledAsync(World world, int number)
    {
        await using var command = world.Sql.CreateCommand("select count(*) from events.mt_events where type = any ($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = Registry.Find(new VersionId(Invoices, number))!.EventTypeNames.ToArray() });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static WorkerProcess Start(World world, TimeSpan longest) =>
        WorkerProcess.Start(world, [("Events__GraceTime", (longest / 20).ToString("c", CultureInfo.InvariantCulture))], "run");
}
