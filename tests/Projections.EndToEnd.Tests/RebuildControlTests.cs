using Projections.Catalog;
using Projections.Commands;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>Pause, resume, abort and throttle, from another program than the one that does the work.</summary>
public sealed class RebuildControlTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_rebuild_is_paused_stays_where_it_is_and_goes_on_from_its_checkpoint()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(20_000);
        var (system, elsewhere) = await StartThrottledAsync(world);

        await new PauseCommand { Projection = TallyWorld.Tally }.RunAsync(elsewhere, World.Someone, CancellationToken.None);
        var paused = await world.UntilAsync("tally", 1, version => version is { State: VersionState.Paused, IsLeased: false }, "let go of");
        paused.Checkpoint!.Value.Major.ShouldBeInRange(1, 19_999);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(paused.Checkpoint.Value.Major);

        await new ResumeCommand { Projection = TallyWorld.Tally }.RunAsync(elsewhere, World.Someone, CancellationToken.None);
        await new SetThrottleCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(elsewhere, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(20_000);
        system.Name.ShouldNotBe(elsewhere.Name);
    }

    [PostgresFact]
    public async Task An_aborted_rebuild_leaves_no_table_and_can_be_begun_anew()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(20_000);
        var (_, elsewhere) = await StartThrottledAsync(world);

        var aborted = await new AbortCommand { Projection = TallyWorld.Tally }.RunAsync(elsewhere, World.Someone, CancellationToken.None);
        aborted.Outcome.ShouldBe("tally v1 was aborted and its table dropped.");
        (await world.Database.ScalarAsync<bool>("select to_regclass('tally_v1') is null")).ShouldBeTrue();

        await World.AskToBuildAsync(elsewhere, "tally", 1);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(20_000);
    }

    [PostgresFact]
    public async Task A_throttle_bounds_the_rate_and_is_lifted_while_the_rebuild_runs()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(20_000);
        var (_, elsewhere) = await StartThrottledAsync(world);
        var slow = await world.UntilAsync("tally", 1, version => version.EventsPerSecond > 0, "at work");
        slow.EventsPerSecond!.Value.ShouldBeLessThan(2_500);

        await new SetThrottleCommand { Projection = TallyWorld.Tally }.RunAsync(elsewhere, World.Someone, CancellationToken.None);

        await world.BecomesAsync("tally", 1, VersionState.Ready);
    }

    [PostgresFact]
    public async Task A_version_that_is_live_can_be_neither_paused_by_default_nor_aborted()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);

        var refused = await Should.ThrowAsync<OperationRefused>(new AbortCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None));

        refused.Message.ShouldBe("Cannot abort tally v1: it is live. Switch to another version first.");
    }

    [PostgresFact]
    public async Task The_same_command_delivered_twice_does_the_work_once()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        var command = World.Someone with { CommandId = Guid.NewGuid() };
        await new RebuildCommand { Projection = TallyWorld.Tally, To = 1 }.RunAsync(system, command, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        await new AbortCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);

        var again = await new RebuildCommand { Projection = TallyWorld.Tally, To = 1 }.RunAsync(system, command, CancellationToken.None);

        again.AlreadyDone.ShouldBeTrue();
        (await world.Catalog.ReadAsync(TallyWorld.Tally, CancellationToken.None))!.Find(1)!.State.ShouldBe(VersionState.Retired);
    }

    [PostgresFact]
    public async Task A_command_and_a_worker_that_changes_its_version_twice_do_not_wait_for_each_other_in_a_circle()
    {
        const string Change = "update projections.version set activity = 'at work' where projection = 'tally'";
        await using var world = await World.CreateAsync(postgres);
        var system = await world.OpenAsync(TallyWorld.Both);
        await World.AskToBuildAsync(system, "tally", 1);
        await using var worker = await world.Sql.OpenConnectionAsync();
        await using var transaction = await worker.BeginTransactionAsync();
        await using var change = new Npgsql.NpgsqlCommand(Change, worker);
        await change.ExecuteNonQueryAsync();
        var command = new SetThrottleCommand { Projection = TallyWorld.Tally, Version = 1, EventsPerSecond = 1_000 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.EventuallyAsync("select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like '%from projections.version v where projection = $1 and number = $2 for update')", true);

        await change.ExecuteNonQueryAsync();
        await transaction.CommitAsync();

        await command;
        (await world.Catalog.ReadAsync(TallyWorld.Tally, CancellationToken.None))!.Find(1)!.Throttle.ShouldBe(1_000);
    }

    /// <summary>A rebuild at 2,000 events a second, well begun, and a second program.</summary>
    private static async Task<(ProjectionSystem Working, ProjectionSystem Elsewhere)> StartThrottledAsync(World world)
    {
        var working = await world.OpenAsync(TallyWorld.Both, options => options.ReplayCommitInterval = TimeSpan.FromMilliseconds(200));
        var elsewhere = await world.OpenAsync(TallyWorld.Both);
        world.Start(working);
        await World.AskToBuildAsync(elsewhere, "tally", 1, throttle: 2_000);
        await world.UntilAsync("tally", 1, version => version.State == VersionState.Replaying && version.Checkpoint > new Projections.Events.EventPosition(0), "well begun");
        return (working, elsewhere);
    }
}
