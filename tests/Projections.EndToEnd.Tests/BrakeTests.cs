using Projections.Catalog;
using Projections.Checks;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.PostgresEvents;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>Rebuilds let others go first who suffer from what they write, and say for whom they wait.</summary>
public sealed class BrakeTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Events = 20_000;
    private const string HeldForDisk = "held by the brake free-disk: 500 MB of the server's disk are free, at least 1,024 MB are to stay";

    [PostgresFact]
    public async Task A_rebuild_waits_while_the_disk_is_nearly_full_and_what_readers_see_does_not()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Events);
        await world.Database.ExecuteAsync("create table disk (free bigint); insert into disk values (5000000000)");
        var before = await world.OpenAsync(TallyWorld.Both);
        var worker = world.Start(before);
        await world.BuildAndSwitchAsync(before, "tally", 1);
        await world.StopAsync(worker);

        // A worker that has not looked yet: one that has goes by what it saw within the last second.
        await world.Database.ExecuteAsync("update disk set free = 500000000");
        using var log = new RecordedLog();
        var system = await world.OpenAsync(TallyWorld.Both, options => options.FreeDiskQuery = "select free from disk", loggers: log);
        await World.AskToBuildAsync(system, "tally", 2);
        world.Start(system);
        await world.UntilAsync("tally", 2, version => version.Activity == HeldForDisk, "held by the brake");
        await world.AddAsync(TallyWorld.StreamOf(0), 5);
        await world.EventuallyAsync("select sum(total)::bigint from tally", Events + 5L);
        (await world.Database.ScalarAsync<long>("select count(*) from tally_v2")).ShouldBe(0);
        log.Lines.ShouldContain(line => line.Text.Contains($"is {HeldForDisk}", StringComparison.Ordinal));

        await world.Database.ExecuteAsync("update disk set free = 5000000000");
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(Events + 5);
        log.Lines.ShouldContain(line => line.Text.Contains("no brake holds it any more", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_rebuild_that_is_held_for_long_in_mid_history_lets_the_store_go_and_reads_on_where_it_was()
    {
        await using var world = await World.CreateAsync(postgres);
        // More than a rebuild is given before it has folded any: what is read when it is held is not at its end.
        await world.SeedTalliesAsync(3 * Events);
        await world.Database.ExecuteAsync("create table disk (free bigint); insert into disk values (5000000000)");
        var source = new CountedSource(await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero }));
        var system = await world.OpenAsync(TallyWorld.Both, options => options.FreeDiskQuery = "select free from disk", source: source);
        // Two seconds a batch, between which the brakes are looked at.
        await World.AskToBuildAsync(system, "tally", 1, throttle: 2_000);
        world.Start(system);
        await world.UntilAsync("tally", 1, version => version.EventsInProgress > 0, "well begun");

        var before = source.Ended;
        await world.Database.ExecuteAsync("update disk set free = 500000000");
        await world.UntilAsync("tally", 1, version => version.Activity == HeldForDisk, "held by the brake");
        await Deadline.UntilAsync(() => source.Ended, ended => ended > before, "let the store go");
        (await world.Database.ScalarAsync<string>("select phase::text from projections.version")).ShouldBe("replaying");

        await world.Database.ExecuteAsync("update disk set free = 5000000000");
        await new SetThrottleCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        (await world.Database.ScalarAsync<string>("select concat_ws(' ', count(*), min(total), max(total), sum(total)) from tally_v1")).ShouldBe("100 600 600 60000");
    }

    [PostgresFact]
    public async Task Who_is_held_is_not_stuck_and_a_check_says_what_holds_it()
    {
        await using var world = await World.CreateAsync(postgres);
        var (before, worker) = await world.BuildBothTalliesAsync();
        await world.LeaveBehindAsync(before);
        await world.StopAsync(worker);
        await world.Database.ExecuteAsync("create table disk as select 500000000 as free");
        var system = await world.OpenAsync(TallyWorld.Both, options => options.FreeDiskQuery = "select free from disk");
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        world.Start(system);
        await world.UntilAsync("tally", 2, version => version.State == VersionState.CatchingUp && version.Activity == HeldForDisk, "held by the brake");

        await CheckAsync(system);
        // As if it had been held for as long.
        await world.Database.ExecuteAsync("update projections.catch_up_check set moved_at = moved_at - interval '1 hour'");
        var held = await CheckAsync(system);

        (held.Verdict, held.Findings.ShouldHaveSingleItem().ToString()).ShouldBe(
            (Verdict.Healthy, $"brake: tally v2 (catching-up) is {HeldForDisk}. It goes on by itself as soon as that is over; mend the cause if it lasts."));
    }

    [PostgresFact]
    public async Task What_a_brake_cannot_see_holds_nothing_and_is_said_once()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        using var log = new RecordedLog();
        var system = await world.OpenAsync(TallyWorld.Both, options => options.FreeDiskQuery = "select free from no_disk", loggers: log);
        world.Start(system);

        await world.BuildAsync(system, "tally", 1);

        log.Lines.Where(line => line.Text.StartsWith("The brake free-disk sees nothing", StringComparison.Ordinal)).ShouldHaveSingleItem().Text.ShouldContain("no_disk");
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task A_rebuild_waits_for_a_replica_that_is_behind_unless_it_is_left_out()
    {
        await using var servers = await StandbyPair.StartAsync();
        await using var world = await World.CreateAsync(await PostgresFixture.CreateDatabaseAsync(servers.Primary));
        await world.SeedTalliesAsync(Events);
        await servers.CatchUpAsync();
        await StandbyPair.ScalarAsync<object>(servers.Standby.ConnectionString, "select pg_wal_replay_pause()");
        await Deadline.UntilAsync(
            async () =>
            {
                await world.AddAsync(TallyWorld.StreamOf(0), 0);
                return await world.Database.ScalarAsync<bool>("select coalesce(bool_or(replay_lag > interval '1 second'), false) from pg_stat_replication");
            },
            isBehind => isBehind,
            "have the replica fall behind");

        var bold = await world.OpenAsync(TallyWorld.Both, options => (options.LargestReplicaLag, options.ReplicasLeftOut) = (TimeSpan.FromSeconds(1), "backup, *"));
        var worker = world.Start(bold);
        await world.BuildAsync(bold, "tally", 1);
        await world.StopAsync(worker);
        var polite = await world.OpenAsync(TallyWorld.Both, options => options.LargestReplicaLag = TimeSpan.FromSeconds(1));
        await World.AskToBuildAsync(polite, "tally", 2);
        world.Start(polite);
        await world.UntilAsync(
            "tally", 2, version => version.Activity is { } activity && activity.StartsWith("held by the brake replica-lag: the replica '", StringComparison.Ordinal) && activity.EndsWith("1 s are borne", StringComparison.Ordinal), "held by the brake");

        await StandbyPair.ScalarAsync<object>(servers.Standby.ConnectionString, "select pg_wal_replay_resume()");
        await world.BecomesAsync("tally", 2, VersionState.Ready);
    }

    private static async Task<CheckRecord> CheckAsync(ProjectionSystem system) =>
        (await new CheckCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None)).Versions.Single(version => version.Version.Number == 2);
}
