using Projections.Checks;
using Projections.Commands;
using Projections.EndToEnd;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Scheduling.Tests;

public sealed class VerdictTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_version_with_nothing_to_do_is_healthy_however_long_nothing_moves()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        await checks.HoldAsync();
        await checks.CheckAsync(1);
        checks.Later(TimeSpan.FromDays(1));
        var record = await checks.CheckAsync(1);
        (record.Verdict, record.Findings.Count, record.LagEvents).ShouldBe((Verdict.Healthy, 0, 0L));
        (await checks.AnnouncedAsync()).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task A_version_that_nobody_follows_is_stuck_though_there_is_nothing_to_do()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        (await checks.CheckAsync(1)).Verdict.ShouldBe(Verdict.Healthy);
        checks.Later(TimeSpan.FromHours(1));
        var record = await checks.CheckAsync(1);
        record.Verdict.ShouldBe(Verdict.Stuck);
        record.Findings.Single().Problem.ShouldStartWith("No worker has followed tally v1 (live) for ");
    }

    [PostgresFact]
    public async Task A_version_that_falls_behind_is_lagging_then_stuck_and_healthy_again_when_a_worker_comes()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        await checks.World.AddAsync(Guid.NewGuid(), 1, 2, 3);
        checks.Later();
        (await checks.CheckAsync(1)).Verdict.ShouldBe(Verdict.Healthy);

        checks.Later(TimeSpan.FromSeconds(59));
        (await checks.CheckAsync(1)).Findings.Select(finding => finding.Rule).ShouldNotContain("movement");
        await checks.World.AddAsync(Guid.NewGuid(), 1);
        checks.Later(TimeSpan.FromSeconds(30));
        var stuck = await checks.CheckAsync(1);
        stuck.Verdict.ShouldBe(Verdict.Stuck);
        stuck.Findings.Select(finding => finding.Rule).ShouldBe(["movement", "lag"]);
        stuck.Findings[0].Problem.ShouldContain("and no worker works on it");
        stuck.Findings[1].Problem.ShouldContain("is 90 s and 4 events behind, more than the 60 s allowed");

        checks.World.Start(await checks.World.OpenAsync(TallyWorld.Both));
        await checks.World.EventuallyAsync("select count(*) from projections.version where position_major = 204", 1L);
        (await checks.CheckAsync(1)).Verdict.ShouldBe(Verdict.Healthy);
        (await checks.AnnouncedAsync()).TakeLast(2).ShouldBe(["Lagging v1 stuck", "Recovered v1"]);
    }

    [PostgresFact]
    public async Task A_version_that_moves_and_is_still_far_behind_is_lagging_and_not_stuck()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        await checks.World.AddAsync(Guid.NewGuid(), 1, 2, 3);
        checks.Later(TimeSpan.FromMinutes(2));
        (await checks.CheckAsync(1)).Verdict.ShouldBe(Verdict.Lagging);
        checks.Later(TimeSpan.FromMinutes(2));
        await checks.Database.ExecuteAsync("update projections.version set position_major = position_major + 1, events_done = events_done + 1");
        (await checks.CheckAsync(1)).Findings.Select(finding => finding.Rule).ShouldBe(["lag"]);
    }

    [PostgresFact]
    public async Task A_rebuild_that_no_worker_begins_is_stuck()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await World.AskToBuildAsync(checks.System, "tally", 2);
        (await checks.CheckAsync(2)).Verdict.ShouldBe(Verdict.Healthy);
        checks.Later(TimeSpan.FromMinutes(2));
        (await checks.CheckAsync(2)).Findings.Single().WayOut.ShouldBe("Start a worker with 'projections run' whose code has this version.");
    }

    [PostgresFact]
    public async Task A_writer_that_holds_the_safe_head_back_is_named()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        await checks.HoldAsync();
        await using var slow = await checks.World.Sql.OpenConnectionAsync();
        await using var open = await slow.BeginTransactionAsync();
        await checks.World.Store.AppendAsync(slow, new StreamId(Guid.NewGuid()), [(TallyEvents.Added, """{"amount":1}""")]);
        await checks.World.AddAsync(Guid.NewGuid(), 1);
        (await checks.CheckAsync(1)).Verdict.ShouldBe(Verdict.Healthy);

        checks.Later(TimeSpan.FromMinutes(5));
        var record = await checks.CheckAsync(1);
        record.Verdict.ShouldBe(Verdict.Lagging);
        var finding = record.Findings.Single();
        finding.Rule.ShouldBe("safe-head");
        finding.Problem.ShouldContain($"process {slow.ProcessID}");
        await open.RollbackAsync();
    }

    [PostgresFact]
    public async Task Events_that_were_set_aside_break_a_version_until_somebody_decides()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        await checks.AddDeadLetterAsync(1);
        var record = await checks.CheckAsync(1);
        (record.Verdict, record.Findings.Single().Problem).ShouldBe((Verdict.Broken, "1 event was set aside and is missing from the rows of tally v1."));
        await new DiscardDeadLettersCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(checks.System, World.Someone, default);
        (await checks.CheckAsync(1)).Verdict.ShouldBe(Verdict.Healthy);
        (await checks.AnnouncedAsync()).ShouldBe(["Lagging v1 broken", "Recovered v1"]);
    }

    [PostgresFact]
    public async Task An_invalid_index_breaks_a_version()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        await checks.Database.ExecuteAsync("update pg_index set indisvalid = false where indexrelid = 'tally_v1_total'::regclass");
        var record = await checks.CheckAsync(1);
        (record.Verdict, record.Findings.Single().WayOut).ShouldBe((Verdict.Broken, "Run 'REINDEX INDEX CONCURRENTLY tally_v1_total'."));
    }

    [PostgresTheory]
    [InlineData("drop view tally", "There is no \"public\".\"tally\".")]
    [InlineData("drop view tally; create view tally as select 1 as id", "The view \"public\".\"tally\" does not show \"public\".\"tally_v1\".")]
    [InlineData("drop view tally; create table tally (id uuid)", "\"public\".\"tally\" is no view.")]
    [InlineData("drop table tally_v1 cascade", "The table \"public\".\"tally_v1\" is gone.")]
    public async Task A_read_name_that_does_not_lead_to_the_live_version_breaks_it(string damage, string problem)
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        await checks.Database.ExecuteAsync(damage);
        var record = await checks.CheckAsync(1);
        record.Verdict.ShouldBe(Verdict.Broken);
        record.Findings.Single().Problem.ShouldStartWith(problem);
    }

    [PostgresFact]
    public async Task A_version_that_failed_is_broken_and_says_where()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        checks.World.Start(await checks.World.OpenAsync(TallyWorld.Both));
        await checks.World.Store.AppendAsync(new StreamId(Guid.NewGuid()), [(TallyEvents.Added, """{"amount":"many"}""")]);
        await checks.World.EventuallyAsync("select count(*) from projections.version where state = 'failed'", 1L);
        var record = await checks.CheckAsync(1);
        record.Verdict.ShouldBe(Verdict.Broken);
        record.Findings[0].Problem.ShouldStartWith("tally v1 has failed at position 201:");
        record.Findings[0].WayOut.ShouldContain("'projections resume tally --version 1'");
    }

    [PostgresFact]
    public async Task A_check_that_is_asked_for_twice_by_one_command_is_made_once()
    {
        await using var checks = await CheckWorld.CreateAsync(postgres);
        await checks.BuildFirstAsync();
        var once = new CommandContext("ana", Guid.NewGuid());
        await checks.CheckAsync(once);
        (await checks.CheckAsync(once)).Single().Verdict.ShouldBe(Verdict.Healthy);
        (await CheckHistory.ReadAsync(checks.World.Catalog, TallyWorld.Tally, 10, default)).Count.ShouldBe(1);
    }
}
