using Projections.Catalog;
using Projections.Checks;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.PostgresEvents;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd.LifeCycle;

/// <summary>Faults that are no version's own are waited for, told, and over when they are mended.</summary>
public sealed class TroubleTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_store_that_lets_nobody_in_for_a_while_fails_no_version_and_is_told()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var store = new ShutSource(await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero }));
        var system = await world.OpenAsync(TallyWorld.Both, source: store);
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);

        store.Shut();
        var at = new EventPosition(await world.AddAsync(TallyWorld.StreamOf(1), 1));
        var live = await world.UntilAsync("tally", 1, version => version.Trouble is not null, "in trouble");
        live.Trouble.ShouldBe(ShutSource.Reason);
        live.State.ShouldBe(VersionState.Live);
        worker.Troubles.ShouldContain(trouble => trouble.Contains(ShutSource.Reason));

        store.Open();
        await world.UntilAsync("tally", 1, version => version.Checkpoint >= at, "followed");
        var healed = await world.UntilAsync("tally", 2, version => version.Trouble is null && version.Checkpoint >= at, "healed");
        healed.State.ShouldBe(VersionState.Ready);
        (await world.AuditAsync("tally", 1)).ShouldNotContain(line => line.Contains("failed"));
    }

    [PostgresFact]
    public async Task A_replay_that_the_store_shuts_out_goes_on_when_it_is_let_in_again()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(2_000);
        var store = new ShutSource(await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero }));
        var system = await world.OpenAsync(TallyWorld.Both, source: store);
        store.Shut();
        await World.AskToBuildAsync(system, "tally", 1);
        world.Start(system);
        (await world.UntilAsync("tally", 1, version => version.Trouble is not null, "in trouble")).Trouble.ShouldBe(ShutSource.Reason);
        store.Open();
        (await world.BecomesAsync("tally", 1, VersionState.Ready)).Trouble.ShouldBeNull();
    }

    [PostgresFact]
    public async Task A_live_version_whose_table_may_not_be_written_for_a_while_waits_for_the_right()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.Database.ExecuteAsync(
            """
            create function deny() returns trigger language plpgsql as
            $$ begin raise exception 'permission denied for table tally_v1' using errcode = '42501'; end $$;
            create trigger deny before insert or update on tally_v1 for each row execute function deny();
            """);
        var at = new EventPosition(await world.AddAsync(TallyWorld.StreamOf(1), 1));
        var live = await world.UntilAsync("tally", 1, version => version.Trouble is not null, "in trouble");
        live.State.ShouldBe(VersionState.Live);
        live.Trouble!.ShouldContain("permission denied for table tally_v1");
        await world.Database.ExecuteAsync("drop trigger deny on tally_v1");
        await world.UntilAsync("tally", 1, version => version.Checkpoint >= at, "followed");
    }

    [PostgresFact]
    public async Task A_live_version_that_no_running_program_knows_is_told_as_the_reason_and_costs_the_catalog_little()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(TallyWorld.Both);
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAndSwitchAsync(system, "tally", 2);
        await world.StopAsync(worker);

        var older = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1()));
        world.Start(older);
        var live = await world.UntilAsync("tally", 2, version => version.Trouble is not null, "in trouble");
        live.Trouble!.ShouldContain("has a handler for tally v2");
        var check = (await new CheckCommand { Projection = TallyWorld.Tally }.RunAsync(older, World.Someone, CancellationToken.None)).Versions.Single(record => record.Version.Number == 2);
        check.Verdict.ShouldBe(Verdict.Stuck);
        check.Findings.ShouldContain(finding => finding.Problem.Contains("has a handler for tally v2"));
    }

    [PostgresFact]
    public async Task A_live_version_that_is_resumed_does_not_queue_behind_a_rebuild()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(5_000);
        var system = await world.OpenAsync(TallyWorld.Both, options => options.ConcurrentRebuilds = 1);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await World.AskToBuildAsync(system, "tally", 2, throttle: 1);
        await world.UntilAsync("tally", 2, version => version is { Phase: VersionPhase.Replaying, IsLeased: true }, "replaying");
        await new PauseCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.UntilAsync("tally", 1, version => version is { Phase: VersionPhase.Paused, IsLeased: false }, "let go of");
        var at = new EventPosition(await world.AddAsync(TallyWorld.StreamOf(1), 1));
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.UntilAsync("tally", 1, version => version.Lockstep && version.Checkpoint >= at, "followed");
        (await world.Catalog.ReadAsync(TallyWorld.Tally, CancellationToken.None))!.Find(2)!.Phase.ShouldBe(VersionPhase.Replaying);
    }
}
