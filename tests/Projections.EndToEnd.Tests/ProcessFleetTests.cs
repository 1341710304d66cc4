using System.Text.RegularExpressions;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>Three workers as processes of their own, of which one after the other is killed.</summary>
public sealed partial class ProcessFleetTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly ProjectionRegistry Registry = ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly);
    private static readonly string[] Projections = ["customer_month_revenue", "invoice_summary", "open_items"];

    /// <summary>One rebuild a worker, so that three rebuilds need three workers; leases that a busy machine lets nobody lose who lives.</summary>
    private static readonly (string, string)[] Settings =
    [
        ("Projections__ConcurrentRebuilds", "1"), ("Projections__ReplayCommitInterval", "00:00:00.050"), ("Projections__LeaseDuration", "00:00:10"),
    ];

    /// <summary>Events a second: no rebuild is over before the throttle is lifted, however long processes take to start.</summary>
    private const int SoSlow = 20;

    [PostgresFact]
    public async Task Leases_spread_over_the_fleet_move_when_a_worker_is_killed_and_nothing_is_done_twice()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(3_000);
        var system = await world.OpenAsync(Registry);
        foreach (var projection in Projections)
        {
            await World.AskToBuildAsync(system, projection, 1, throttle: SoSlow);
        }

        var fleet = new List<WorkerProcess> { Start(world), Start(world), Start(world) };
        try
        {
            await SpreadAsync(world, fleet);
            foreach (var victim in fleet.ToList())
            {
                await victim.KillAsync();
                fleet.Remove(victim);
                // As whoever runs the fleet does it.
                fleet.Add(Start(world));
                await SpreadAsync(world, fleet);
            }

            foreach (var projection in Projections)
            {
                await new SetThrottleCommand { Projection = new ProjectionName(projection), Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
            }

            foreach (var projection in Projections)
            {
                await world.BecomesAsync(projection, 1, VersionState.Ready);
                await World.SwitchAsync(system, projection, 1, new SwitchCommand { IgnoreOldSnapshots = true, Patience = TimeSpan.FromMinutes(1) });
            }

            await KillWhileEventsComeInAsync(world, fleet);
            await ShouldBeAsIfNothingHadHappenedAsync(world);
        }
        finally
        {
            foreach (var worker in fleet)
            {
                await worker.DisposeAsync();
            }
        }
    }

    /// <summary>Two of three are killed while the versions are followed; the last one follows them all.</summary>
    private static async Task KillWhileEventsComeInAsync(World world, List<WorkerProcess> fleet)
    {
        using var stop = new CancellationTokenSource();
        var writing = KeepWritingAsync(world, stop.Token);
        foreach (var victim in fleet.Take(2).ToList())
        {
            await victim.KillAsync();
            fleet.Remove(victim);
            var head = new EventPosition(await world.Database.ScalarAsync<long>("select max(seq_id) from events.mt_events"));
            foreach (var projection in Projections)
            {
                await world.UntilAsync(projection, 1, version => version.Checkpoint > head && version.Lockstep, "followed by who is left");
            }
        }

        await stop.CancelAsync();
        await writing;
        var last = new EventPosition(await world.Database.ScalarAsync<long>("select max(seq_id) from events.mt_events"));
        foreach (var projection in Projections)
        {
            await world.UntilAsync(projection, 1, version => version.Checkpoint >= last, "at the head");
        }
    }

    private async Task ShouldBeAsIfNothingHadHappenedAsync(World world)
    {
        await using var calm = await World.CreateAsync(postgres);
        var system = await calm.OpenAsync(Registry, eventsOf: world);
        calm.Start(system);
        foreach (var projection in Projections)
        {
            await calm.BuildAsync(system, projection, 1);
            (await RowsAsync(world, projection)).ShouldBe(await RowsAsync(calm, projection));
            var states = (await world.ColumnAsync($"select to_state from projections.transition where projection = '{projection}'")).ToList();
            states.Count(state => state == "replaying").ShouldBe(1, "it was begun once");
            states.Count(state => state == "live").ShouldBe(1);
        }
    }

    private static WorkerProcess Start(World world) => WorkerProcess.Start(world, Settings, "run");

    /// <summary>Waits until each worker of the fleet has one of the three versions, and nobody else has any.</summary>
    private static async Task SpreadAsync(World world, IEnumerable<WorkerProcess> fleet)
    {
        var names = new List<string>();
        foreach (var worker in fleet)
        {
            names.Add(await NameAsync(worker));
        }

        await world.EventuallyAsync(
            """
            select string_agg(lease_holder, ' ' order by lease_holder collate "C") from projections.version
            where state in ('building', 'replaying', 'catching-up') and lease_until > now()
            """,
            string.Join(' ', names.Order(StringComparer.Ordinal)));
    }

    private static async Task<string> NameAsync(WorkerProcess worker)
    {
        await worker.SaysAsync(" follows ");
        return WorkerLine().Match(worker.Said).Groups[1].Value;
    }

    [GeneratedRegex(@"Worker (\S+) follows ")]
    private static partial Regex WorkerLine();

    private static async Task<IReadOnlyList<string>> RowsAsync(World world, string projection)
    {
        var rows = await world.ColumnAsync($"select t::text from {projection}_v1 t order by 1");
        // Few items are still open in the end; how many depends on how long the writer was at it.
        rows.ShouldNotBeEmpty();
        return rows;
    }

    private static async Task KeepWritingAsync(World world, CancellationToken stop)
    {
        for (var invoice = 1; !stop.IsCancellationRequested; invoice++)
        {
            await world.Store.AppendAsync(
                new StreamId(Guid.NewGuid()),
                [
                    ("invoice_issued", $$"""{"number":"F-{{invoice}}","customer":"ben","currency":"EUR","dueOn":"2026-01-01"}"""),
                    ("line_added", """{"line":1,"product":"ink","quantity":1,"unitPrice":9.90}"""),
                ],
                cancellationToken: CancellationToken.None);
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
