using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd.LifeCycle;

/// <summary>Commands that meet a worker at the moment at which it changes a version's phase.</summary>
public sealed class PhaseRaceTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Indexes = "select indexname::text from pg_indexes where tablename = 'tally_v2' order by 1";

    private const string WaitsForTheRow =
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%from projections.version v where projection = $1 and number = $2 for update'";

    [PostgresFact]
    public async Task A_pause_that_comes_before_the_table_is_made_wins_and_the_worker_makes_none()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        var system = await world.OpenAsync(TallyWorld.Both);
        await World.AskToBuildAsync(system, "tally", 1);
        await using (var held = await HeldRow.TakeAsync(world))
        {
            var pausing = new PauseCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
            await world.EventuallyAsync(WaitsForTheRow, 1L);
            world.Start(system);
            await held.LetGoAsync();
            await pausing;
        }

        var paused = await world.UntilAsync("tally", 1, version => version is { Phase: VersionPhase.Paused, IsLeased: false }, "paused and let go of");
        paused.HasTable.ShouldBeFalse();
        paused.ResumePhase.ShouldBe(VersionPhase.Planned);
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
    }

    [PostgresFact]
    public async Task A_pause_that_waits_for_the_making_of_the_table_pauses_what_came_of_it()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        // Long enough for the pause to come while the worker is about to say that the table is there.
        await world.Database.ExecuteAsync(
            """
            create function public.wait_at_gate() returns trigger language plpgsql as
            $$ begin perform pg_advisory_xact_lock_shared(4711); return new; end $$;
            create trigger gate before update on projections.version for each row
            when (new.has_table and not old.has_table) execute function public.wait_at_gate();
            """);
        var system = await world.OpenAsync(TallyWorld.Both);
        await using var gate = await world.Sql.OpenConnectionAsync();
        await new NpgsqlCommand("select pg_advisory_lock(4711)", gate).ExecuteNonQueryAsync();
        await World.AskToBuildAsync(system, "tally", 1);
        world.Start(system);
        await world.EventuallyAsync("select count(*) from pg_stat_activity where wait_event = 'advisory' and query like 'update projections.version%'", 1L);
        var pausing = new PauseCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.EventuallyAsync(WaitsForTheRow, 1L);
        await new NpgsqlCommand("select pg_advisory_unlock(4711)", gate).ExecuteNonQueryAsync();
        await pausing;

        var paused = await world.UntilAsync("tally", 1, version => version is { Phase: VersionPhase.Paused, IsLeased: false }, "paused and let go of");
        paused.HasTable.ShouldBeTrue();
        paused.ResumePhase.ShouldBe(VersionPhase.Replaying);
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
    }

    [PostgresFact]
    public async Task A_pause_in_the_middle_of_an_index_is_no_error_and_a_resume_makes_the_index()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        var second = new TallyV2();
        // Not while they are tried on the empty table.
        second.Folder = second.Folder with { IndexesSql = $"select pg_advisory_xact_lock_shared(4711) from tally_v2 limit 1; {second.Folder.IndexesSql}" };
        using var log = new RecordedLog();
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), second), loggers: log);
        world.Start(system);
        await using var gate = await world.Sql.OpenConnectionAsync();
        await new NpgsqlCommand("select pg_advisory_lock(4711)", gate).ExecuteNonQueryAsync();
        await World.AskToBuildAsync(system, "tally", 2);
        await world.EventuallyAsync("select count(*) from pg_stat_activity where wait_event = 'advisory' and datname = current_database()", 1L);

        await new PauseCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);

        var paused = await world.UntilAsync("tally", 2, version => version is { Phase: VersionPhase.Paused, IsLeased: false }, "paused and let go of");
        (paused.ResumePhase, paused.EventsDone, paused.Trouble).ShouldBe((VersionPhase.Replaying, 100, null));
        (await world.ColumnAsync(Indexes)).ShouldBe(["tally_v2_pkey"]);
        log.Lines.ShouldContain(line => line.Text.Contains("Work on tally v2 was stopped by a command", StringComparison.Ordinal));
        log.Lines.ShouldAllBe(line => line.Level < LogLevel.Warning);

        await new NpgsqlCommand("select pg_advisory_unlock(4711)", gate).ExecuteNonQueryAsync();
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        (await world.ColumnAsync(Indexes)).ShouldBe(["tally_v2_biggest", "tally_v2_pkey"]);
    }

    [PostgresFact]
    public async Task A_pause_within_the_beat_of_an_offer_is_kept_and_the_live_version_is_followed_after_a_restart()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await world.BuildBothTalliesAsync();
        await using (var held = await HeldRow.TakeAsync(world, number: 2))
        {
            var pausing = new PauseCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
            await world.EventuallyAsync(WaitsForTheRow, 1L);
            // Takes place before the pause has the row: the version drops out, and is offered again by the next worker.
            await held.ExecuteAsync("update projections.version set phase = 'offered', drop_outs = 1, lease_holder = null, lease_until = null where number = 2");
            await held.LetGoAsync();
            await pausing;
        }

        (await world.UntilAsync("tally", 2, version => version.Phase == VersionPhase.Paused, "paused")).Lockstep.ShouldBeFalse();
        await world.StopAsync(worker);
        world.Start(system);
        var added = await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.UntilAsync("tally", 1, version => version.Lockstep && version.Checkpoint >= new Events.EventPosition(added), "followed");
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 2, VersionState.Ready);
    }

    [PostgresFact]
    public async Task An_abort_while_the_last_rows_are_written_drops_the_table_and_the_worker_goes_on_with_others()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(2_000);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await World.AskToBuildAsync(system, "tally", 2, throttle: 500);
        await world.UntilAsync("tally", 2, version => version.Phase == VersionPhase.Replaying && version.IsLeased, "replaying");
        await using (var held = await HeldRow.TakeAsync(world, number: 2))
        {
            var aborting = new AbortCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
            await world.EventuallyAsync(WaitsForTheRow, 1L);
            await held.LetGoAsync();
            await aborting;
        }

        (await world.Database.ScalarAsync<bool>("select to_regclass('tally_v2') is null")).ShouldBeTrue();
        (await world.Catalog.ReadAsync(TallyWorld.Tally, CancellationToken.None))!.Find(2)!.Phase.ShouldBe(VersionPhase.Retired);
        await world.BuildAsync(system, "tally", 2);
    }

    /// <summary>The row of a version, locked by a test.</summary>
    private sealed class HeldRow(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public static async Task<HeldRow> TakeAsync(World world, int number = 1)
        {
            var connection = await world.Sql.OpenConnectionAsync();
            var held = new HeldRow(connection, await connection.BeginTransactionAsync());
            await held.ExecuteAsync($"select from projections.version where number = {number} for update");
            return held;
        }

        public async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }

        public Task LetGoAsync() => transaction.CommitAsync();

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
