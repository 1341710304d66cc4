using System.Globalization;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>The worker's process is killed, or stopped and continued, at moments that it does not choose.</summary>
public sealed class CrashTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int LeastRows = 3_000;

    private static readonly (string, string)[] ManyCommits = [("Projections__ReplayCommitInterval", "00:00:00.050")];

    [PostgresFact]
    public async Task Killed_twenty_five_times_in_every_phase_it_ends_with_the_rows_of_a_rebuild_that_was_left_alone()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await world.BuildSummaryAsync(4_000);
        using var stop = new CancellationTokenSource();
        var writing = KeepWritingAsync(world, stop.Token);
        var random = new Random(42);

        // So slow that the replay is not over before the throttle is lifted, however long a worker takes to start.
        await World.AskToBuildAsync(system, "invoice_summary", 2, throttle: 200);
        for (var kill = 1; kill <= 25; kill++)
        {
            if (kill == 11)
            {
                // Not where a worker tries the files at its start, on an empty table.
                await world.Database.ExecuteAsync(Dawdle("CREATE INDEX", TimeSpan.FromSeconds(5), "(select from invoice_summary_v2 limit 1) filled"));
                await new SetThrottleCommand { Projection = InvoiceWorld.Summary, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
            }
            else if (kill == 14)
            {
                await world.Database.ExecuteAsync("drop event trigger dawdling");
            }

            // First while it replays, then while it makes indexes, then through catching up, then while it follows, and at last while reads
            // are switched back and forth.
            var before = await EpochAsync(world);
            await using var worker = WorkerProcess.Start(world, ManyCommits, "run");
            var seized = await world.UntilAsync("invoice_summary", 2, version => version.IsLeased && version.LeaseEpoch > before && IsAt(kill, version), "worked on");
            if (kill > 20)
            {
                await using var switching = WorkerProcess.Start(world, [], "switch", "invoice_summary", "--to", kill % 2 == 0 ? "2" : "1", "--patience", "2s");
                await Task.Delay(random.Next(1_000));
                await Task.WhenAll(worker.KillAsync(), switching.KillAsync());
            }
            else
            {
                await Task.Delay(random.Next(300));
                await worker.KillAsync();
            }

            seized.State.ShouldNotBe(VersionState.Failed, seized.ToString());
        }

        await stop.CancelAsync();
        await writing;
        world.Start(system);
        await FinishAsync(world, system);

        await HasRowsAsIfLeftAloneAsync(world, 1);
        await HasRowsAsIfLeftAloneAsync(world, 2);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.version where state = 'live'")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task Killed_while_the_first_rows_come_in_it_leaves_an_empty_table_with_its_key()
    {
        const string KeyIsOff = "select exists (select from pg_locks where relation = to_regclass('invoice_summary_v1') and mode = 'AccessExclusiveLock' and granted)";
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(8_000);
        var system = await world.OpenAsync(InvoiceWorld.Registry);
        await world.Database.ExecuteAsync(Dawdle("ALTER TABLE", TimeSpan.FromSeconds(0.3), "(values (1)) always"));
        await World.AskToBuildAsync(system, "invoice_summary", 1);
        for (var kill = 1; kill <= 4; kill++)
        {
            await using var worker = WorkerProcess.Start(world, [], "run");
            await world.EventuallyAsync(KeyIsOff, true);
            await worker.KillAsync();

            await world.EventuallyAsync(KeyIsOff, false);
            (await world.Database.ScalarAsync<long>("select count(*) from invoice_summary_v1")).ShouldBe(0, $"kill {kill}");
            (await world.Database.ScalarAsync<bool>("select exists (select from pg_constraint where conrelid = 'invoice_summary_v1'::regclass and contype = 'p')")).ShouldBeTrue();
            (await world.Database.ScalarAsync<bool>("select position_major is null from projections.version")).ShouldBeTrue();
        }

        await world.Database.ExecuteAsync("drop event trigger dawdling");
        world.Start(system);
        await world.BecomesAsync("invoice_summary", 1, VersionState.Ready);
        await HasRowsAsIfLeftAloneAsync(world, 1);
    }

    [PostgresFact]
    public async Task A_worker_that_was_stopped_past_its_lease_and_goes_on_cannot_write()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(4_000);
        var system = await world.OpenAsync(InvoiceWorld.Registry);
        await using var sleeper = WorkerProcess.Start(world, ManyCommits, "run");
        await World.AskToBuildAsync(system, "invoice_summary", 1, throttle: 500);
        await world.UntilAsync("invoice_summary", 1, version => version.Checkpoint > new EventPosition(500), "well begun");
        var holder = (await world.Catalog.ReadAsync(InvoiceWorld.Summary, CancellationToken.None))!.Find(1)!.LeaseHolder;

        await sleeper.SignalAsync("STOP");
        world.Start(system);
        await world.UntilAsync("invoice_summary", 1, version => version.LeaseHolder == system.Name && version.Checkpoint > new EventPosition(1_500), "taken over");
        await sleeper.SignalAsync("CONT");

        await sleeper.SaysAsync("was lost to another worker");
        await new SetThrottleCommand { Projection = InvoiceWorld.Summary, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("invoice_summary", 1, VersionState.Ready);
        holder.ShouldNotBe(system.Name);
        await sleeper.KillAsync();
        await HasRowsAsIfLeftAloneAsync(world, 1);
    }

    [PostgresFact]
    public async Task A_worker_that_gets_SIGTERM_commits_gives_its_leases_up_and_ends_with_success()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(4_000);
        var system = await world.OpenAsync(InvoiceWorld.Registry);
        await using var worker = WorkerProcess.Start(world, [], "run");
        await World.AskToBuildAsync(system, "invoice_summary", 1, throttle: 500);
        await world.UntilAsync("invoice_summary", 1, version => version.EventsInProgress > 1_000, "well begun");

        await worker.SignalAsync("TERM");

        (await worker.ExitAsync()).ShouldBe(0);
        var version = (await world.Catalog.ReadAsync(InvoiceWorld.Summary, CancellationToken.None))!.Find(1)!;
        version.IsLeased.ShouldBeFalse();
        version.Checkpoint!.Value.Major.ShouldBeGreaterThan(1_000);
        version.EventsDone.ShouldBeGreaterThan(1_000);
    }

    /// <summary>Whether a version is where a kill is to meet it.</summary>
    private static bool IsAt(int kill, VersionSnapshot version) => kill switch
    {
        <= 10 => version.State == VersionState.Replaying,
        <= 13 => version.Activity == "creating indexes",
        <= 15 => true,
        _ => version.Lockstep,
    };

    /// <summary>Has the server take its time over a statement that a worker runs, so that a kill meets it there.</summary>
    private static string Dawdle(string tag, TimeSpan time, string where) =>
        $"""
        create function dawdle() returns event_trigger language plpgsql as $$ begin perform pg_sleep({time.TotalSeconds.ToString(CultureInfo.InvariantCulture)}) from {where}; end $$;
        create event trigger dawdling on ddl_command_end when tag in ('{tag}') execute function dawdle()
        """;

    private static async Task<LeaseEpoch> EpochAsync(World world) =>
        (await world.Catalog.ReadAsync(InvoiceWorld.Summary, CancellationToken.None))!.Find(2)!.LeaseEpoch;

    private static async Task FinishAsync(World world, ProjectionSystem system)
    {
        await world.UntilAsync("invoice_summary", 2, version => version.Lockstep, "caught up");
        await world.UntilAsync("invoice_summary", 1, version => version.Lockstep, "caught up");
        var head = await world.Database.ScalarAsync<long>("select max(seq_id) from events.mt_events");
        await world.UntilAsync("invoice_summary", 2, version => version.Checkpoint >= new EventPosition(head), "at the head");
        await World.SwitchAsync(system, "invoice_summary", 2, new SwitchCommand { IgnoreOldSnapshots = true });
    }

    private async Task HasRowsAsIfLeftAloneAsync(World world, int number)
    {
        var version = new VersionId(InvoiceWorld.Summary, number);
        (await world.RowsAsync(version, LeastRows)).ShouldBe(await world.UndisturbedAsync(postgres, InvoiceWorld.Registry, version, LeastRows));
    }

    private static async Task KeepWritingAsync(World world, CancellationToken stop)
    {
        foreach (var invoice in Enumerable.Range(1, int.MaxValue))
        {
            if (stop.IsCancellationRequested)
            {
                return;
            }

            await world.Store.AppendAsync(
                new StreamId(Guid.NewGuid()),
                [
                    ("invoice_issued", $$"""{"number":"N-{{invoice}}","customer":"ana","currency":"EUR","dueOn":"2026-01-01"}"""),
                    ("line_added", """{"line":1,"product":"paper","quantity":2,"unitPrice":3.50}"""),
                ],
                cancellationToken: CancellationToken.None);
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
