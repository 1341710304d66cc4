using Projections.Catalog;
using Projections.Checks;
using Projections.Definitions;
using Projections.EndToEnd;
using Projections.EndToEnd.Tallies;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Scheduling.Tests;

public sealed class PolicyTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task Without_being_told_to_a_check_only_looks()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        var (system, _) = await BuildBothAsync(checks);
        for (var check = 0; check < 3; check++)
        {
            (await checks.CheckAsync()).ShouldAllBe(record => record.Verdict == Verdict.Healthy && record.Actions.Count == 0);
        }

        await World.SwitchAsync(system, "tally", 2);
        await checks.AddDeadLetterAsync(2);
        await checks.CheckAsync();
        (await checks.LiveAsync()).ShouldBe(2);
    }

    [PostgresFact]
    public async Task Reads_move_to_a_version_that_was_healthy_in_enough_checks_in_a_row()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await BuildBothAsync(checks);
        checks.Options.SwitchAfterHealthyChecks = 2;

        await checks.CheckAsync();
        await checks.AddDeadLetterAsync(2);
        (await checks.CheckAsync(2)).Verdict.ShouldBe(Verdict.Broken);
        await checks.Database.ExecuteAsync("delete from projections.dead_letter");
        await checks.CheckAsync();
        (await checks.LiveAsync()).ShouldBe(1);
        (await checks.CheckAsync(2)).Actions.ShouldBe(["Reads were switched to v2."]);

        (await checks.LiveAsync()).ShouldBe(2);
        (await checks.World.AuditAsync("tally", 2))[^1].ShouldBe("ready live catch-up check tally v2 was ready and healthy in 2 checks in a row");
        // What was done stands in the history, too.
        (await CheckHistory.ReadAsync(checks.World.Catalog, TallyWorld.Tally, 2, default)).SelectMany(record => record.Actions).ShouldBe(["Reads were switched to v2."]);
    }

    [PostgresFact]
    public async Task A_version_that_was_rolled_back_is_not_switched_to_again_by_itself()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        var (system, _) = await BuildBothAsync(checks);
        await World.SwitchAsync(system, "tally", 2);
        await World.SwitchAsync(system, "tally", 1);
        checks.Options.SwitchAfterHealthyChecks = 1;
        await checks.CheckAsync();
        (await checks.LiveAsync()).ShouldBe(1);
    }

    [PostgresFact]
    public async Task Reads_go_back_when_a_new_version_fails_within_its_probation()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        var second = new TallyV2 { Folding = amount => ThrowAt(amount) };
        var (system, _) = await BuildBothAsync(checks, second);
        await World.SwitchAsync(system, "tally", 2);
        checks.Options.Probation = TimeSpan.FromHours(1);
        checks.Later();
        await checks.CheckAsync();
        (await checks.LiveAsync()).ShouldBe(2);

        await checks.World.AddAsync(Guid.NewGuid(), 666);
        await checks.World.EventuallyAsync("select count(*) from projections.version where number = 2 and state = 'failed'", 1L);
        await checks.World.EventuallyAsync("select count(*) from projections.version where number = 1 and position_major = 201", 1L);
        var record = await checks.CheckAsync(2);

        record.Actions.ShouldBe(["Reads were switched back to v1."]);
        (await checks.LiveAsync()).ShouldBe(1);
        (await checks.World.AuditAsync("tally", 1))[^1].ShouldStartWith("standby live catch-up check tally v2 is broken within its probation: tally v2 has failed at position 201");
        // Nor to and fro: the version that reads went back to is not on probation.
        await checks.AddDeadLetterAsync(1);
        await checks.CheckAsync();
        (await checks.LiveAsync()).ShouldBe(1);
    }

    [PostgresFact]
    public async Task Reads_stay_when_the_probation_is_over_or_the_old_version_is_worse_or_the_source_is_to_blame()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        var (system, _) = await BuildBothAsync(checks);
        await World.SwitchAsync(system, "tally", 2);
        checks.Options.Probation = TimeSpan.FromHours(1);
        checks.Later();

        // The old one is broken, the new one only behind what a slow writer holds back.
        await using var slow = await checks.World.Sql.OpenConnectionAsync();
        await using (await slow.BeginTransactionAsync())
        {
            await checks.World.Store.AppendAsync(slow, new Events.StreamId(Guid.NewGuid()), [(TallyEvents.Added, """{"amount":1}""")]);
            await checks.World.AddAsync(Guid.NewGuid(), 1);
            await checks.CheckAsync();
            checks.Later(TimeSpan.FromMinutes(5));
            (await checks.CheckAsync(2)).Verdict.ShouldBe(Verdict.Lagging);
            (await checks.LiveAsync()).ShouldBe(2);
        }

        checks.Later(TimeSpan.FromHours(1));
        await checks.AddDeadLetterAsync(2);
        (await checks.CheckAsync(2)).Verdict.ShouldBe(Verdict.Broken);
        (await checks.LiveAsync()).ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_version_that_is_stuck_in_a_workers_hands_goes_on_in_anothers()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        using var hung = new ManualResetEventSlim();
        var broken = await checks.World.OpenAsync(ProjectionRegistry.Of(new TallyV1 { Folding = _ => hung.Wait() }, new TallyV2()));
        var hanging = checks.World.Start(broken);
        await World.AskToBuildAsync(broken, "tally", 1);
        await checks.World.UntilAsync("tally", 1, version => version.State == VersionState.Replaying && version.IsLeased, "replaying");
        checks.World.Start(await checks.World.OpenAsync(TallyWorld.Both));
        checks.Options.RestartStuck = true;

        (await checks.CheckAsync(1)).Actions.ShouldBeEmpty();
        checks.Later(TimeSpan.FromMinutes(2));
        var record = await checks.CheckAsync(1);

        record.Verdict.ShouldBe(Verdict.Stuck);
        record.Actions.Single().ShouldBe($"tally v1 was taken from worker {broken.Name} and goes on from its checkpoint.");
        await checks.World.BecomesAsync("tally", 1, VersionState.Ready);
        (await checks.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(200);
        // The old worker wakes up, and cannot write any more.
        hung.Set();
        await checks.World.StopAsync(hanging);
        (await checks.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(200);
    }

    [PostgresFact]
    public async Task A_lockstep_that_is_stuck_is_taken_over_as_a_whole()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        using var hung = new ManualResetEventSlim();
        var first = new TallyV1 { Folding = amount => WaitAt(amount, hung) };
        var (system, hanging) = await BuildBothAsync(checks, new TallyV2(), first);
        checks.World.Start(await checks.World.OpenAsync(TallyWorld.Both));
        checks.Options.RestartStuck = true;

        await checks.World.AddAsync(Guid.NewGuid(), 666);
        checks.Later();
        await checks.CheckAsync();
        checks.Later(TimeSpan.FromMinutes(2));
        (await checks.CheckAsync(1)).Actions.Single().ShouldContain(system.Name);

        await checks.World.EventuallyAsync("select count(*) from projections.version where phase = 'following' and position_major = 201", 2L);
        hung.Set();
        await checks.World.StopAsync(hanging);
        (await checks.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(866);
        (await checks.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(866);
    }

    [PostgresFact]
    public async Task A_version_that_has_stood_by_for_long_is_retired_while_the_live_one_is_healthy()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        var (system, _) = await BuildBothAsync(checks);
        await World.SwitchAsync(system, "tally", 2);
        checks.Options.StandbyRetention = TimeSpan.FromDays(7);
        checks.Later(TimeSpan.FromDays(7) - TimeSpan.FromHours(1));
        (await checks.CheckAsync(1)).Findings.ShouldBeEmpty();

        checks.Later(TimeSpan.FromHours(2));
        var advised = await checks.CheckAsync(1);
        (advised.Verdict, advised.Findings.Single().Rule, advised.Actions.Count).ShouldBe((Verdict.Healthy, "retention", 0));

        checks.Options.RetireStandby = true;
        await checks.AddDeadLetterAsync(2);
        (await checks.CheckAsync(1)).Actions.ShouldBeEmpty();
        await checks.Database.ExecuteAsync("delete from projections.dead_letter");
        (await checks.CheckAsync(1)).Actions.Single().ShouldStartWith("tally v1 is retired");
        (await checks.Database.ScalarAsync<bool>("select to_regclass('tally_v1') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_table_that_another_program_writes_is_never_dropped()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        var (system, _) = await BuildBothAsync(checks);
        await World.SwitchAsync(system, "tally", 2);
        await checks.Database.ExecuteAsync("update projections.version set phase = 'external' where number = 1");
        checks.Options.StandbyRetention = TimeSpan.FromDays(1);
        checks.Options.RetireStandby = true;
        checks.Later(TimeSpan.FromDays(2));
        await checks.CheckAsync();
        (await checks.Database.ScalarAsync<bool>("select to_regclass('tally_v1') is not null")).ShouldBeTrue();
    }

    private static async Task<(ProjectionSystem System, Workers.Worker Worker)> BuildBothAsync(CheckWorld checks, TallyV2? second = null, TallyV1? first = null)
    {
        var system = await checks.World.OpenAsync(ProjectionRegistry.Of(first ?? new TallyV1(), second ?? new TallyV2()));
        var worker = checks.World.Start(system);
        await checks.World.BuildAndSwitchAsync(system, "tally", 1);
        await checks.World.BuildAsync(system, "tally", 2);
        return (system, worker);
    }

    private static void ThrowAt(int amount)
    {
        if (amount == 666)
        {
            throw new InvalidOperationException("That amount is too evil.");
        }
    }

    private static void WaitAt(int amount, ManualResetEventSlim until)
    {
        if (amount == 666)
        {
            until.Wait();
        }
    }
}
