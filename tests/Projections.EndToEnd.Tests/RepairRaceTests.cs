using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.PostgresEvents;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;

namespace Projections.EndToEnd;

/// <summary>What else happens while rows are folded anew.</summary>
public sealed class RepairRaceTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly Guid Stream = TallyWorld.StreamOf(3);

    private static readonly string TotalOfV2 = $"select total from tally_v2 where id = '{Stream}'";

    [PostgresFact]
    public async Task An_event_that_comes_while_rows_are_folded_anew_counts_once()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var plain = await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero });
        var came = 0;
        var system = await world.OpenAsync(
            TallyWorld.Both, source: new InterruptedSource(plain, () => came++ == 0 ? world.AddAsync(Stream, 100) : Task.CompletedTask));
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        await world.StopAsync(worker);
        await world.Database.ExecuteAsync("update tally_v2 set total = 77");

        // While the first is folded anew an event comes for the second, which is next, before the version gets to see it.
        var first = RepairAsync(system, TallyWorld.StreamOf(60));
        await world.EventuallyAsync("select count(*) from projections.repair", 1L);
        var second = RepairAsync(system);
        await world.EventuallyAsync("select count(*) from projections.repair", 2L);
        world.Start(system);
        await Task.WhenAll(first, second);

        await world.EventuallyAsync($"select total from tally_v1 where id = '{Stream}'", 105L);
        await world.EventuallyAsync(TotalOfV2, 105L);
        came.ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_repair_for_which_the_events_cannot_be_read_for_a_moment_is_tried_again()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var plain = await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero });
        var tries = 0;
        var system = await world.OpenAsync(
            TallyWorld.Both, source: new InterruptedSource(plain, () => tries++ == 0 ? throw new EventSourceUnavailable("It is away.") : Task.CompletedTask));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        await world.Database.ExecuteAsync($"update tally_v2 set total = 77 where id = '{Stream}'");

        (await RepairAsync(system)).After.ShouldBe(1);

        tries.ShouldBe(2);
        (await world.Database.ScalarAsync<long>(TotalOfV2)).ShouldBe(5);
    }

    [PostgresFact]
    public async Task A_worker_that_has_lost_its_lease_does_not_end_the_repair_that_it_began()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await using var gate = await world.Sql.OpenConnectionAsync();
        await using var command = gate.CreateCommand();
        command.CommandText = "select pg_advisory_lock(77)";
        await command.ExecuteNonQueryAsync();
        await world.Database.ExecuteAsync(
            $"""
            update tally_v2 set total = 77 where id = '{Stream}';
            create function wait() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(77); return new; end $$;
            create trigger wait before insert on tally_v2 for each row execute function wait()
            """);
        var repairing = RepairAsync(system);
        const string Waiting = "select count(*) from pg_stat_activity where datname = current_database() and query like 'insert into %tally_v2%' and state <> 'idle'";
        await world.EventuallyAsync(Waiting, 1L);

        await world.Database.ExecuteAsync("update projections.version set lease_epoch = lease_epoch + 1, lease_holder = 'another', lease_until = clock_timestamp() + interval '1 hour' where number = 2");
        command.CommandText = "select pg_advisory_unlock(77)";
        await command.ExecuteNonQueryAsync();
        await world.EventuallyAsync(Waiting, 0L);

        (await world.Database.ScalarAsync<long>(TotalOfV2)).ShouldBe(77);
        (await world.Database.ScalarAsync<string>("select status from projections.repair")).ShouldBe("waiting");
        await world.Database.ExecuteAsync("update projections.version set lease_until = clock_timestamp() where number = 2");
        (await repairing).After.ShouldBe(1);
        (await world.Database.ScalarAsync<long>(TotalOfV2)).ShouldBe(5);
    }

    [PostgresFact]
    public async Task An_event_that_was_set_aside_stays_out_of_a_repaired_row_until_it_is_retried()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        await world.AddAsync(Stream, 13);
        var version = new TallyV1 { Policy = PoisonPolicy.SetAside, Folding = amount => _ = amount == 13 ? throw new FormatException("Thirteen!") : amount };
        var system = await world.OpenAsync(ProjectionRegistry.Of(version));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        version.Folding = _ => { };
        await world.Database.ExecuteAsync($"update tally_v1 set total = 77 where id = '{Stream}'");

        await RepairAsync(system);

        var total = $"select total from tally_v1 where id = '{Stream}'";
        (await world.Database.ScalarAsync<long>(total)).ShouldBe(5);
        (await new VerifyAgainstEvents(system).RunAsync(TallyWorld.Tally, 1, 1, CancellationToken.None)).Result.Agrees.ShouldBeTrue();
        await new RetryDeadLettersCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.EventuallyAsync(total, 18L);
        await RepairAsync(system);
        (await world.Database.ScalarAsync<long>(total)).ShouldBe(18);
    }

    [PostgresFact]
    public async Task A_repair_does_not_wait_for_a_version_that_somebody_has_stopped()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await world.BuildBothTalliesAsync();
        await world.StopAsync(worker);
        await world.Database.ExecuteAsync($"update tally_v2 set total = 77 where id = '{Stream}'");
        var repairing = RepairAsync(system);
        await world.EventuallyAsync("select count(*) from projections.repair where status = 'waiting'", 1L);

        await new PauseCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);

        (await Should.ThrowAsync<OperationRefused>(repairing)).Message.ShouldContain("the version is paused now");
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        world.Start(system);
        await world.EventuallyAsync($"select total from tally_v2 where id = '{Stream}'", 5L);
    }

    private static Task<RepairReport> RepairAsync(ProjectionSystem system, Guid? stream = null) =>
        new Repair(system).RunAsync(TallyWorld.Tally, system.Registry.Versions.Max(version => version.Id.Number), new RepairScope { Keys = [(stream ?? Stream).ToString()] }, World.Anybody, null, CancellationToken.None);
}
