using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.Planning;
using Projections.Reports;
using Projections.Switching;
using Projections.Tables;
using Projections.TestServers;
using Projections.Verification;

namespace Projections.EndToEnd.Distributed;

/// <summary>Versions whose table.sql distributes them over the workers of Citus.</summary>
public sealed class CitusTests(CitusCluster citus) : IClassFixture<CitusCluster>
{
    // So many that the first load takes the key off.
    private const int Streams = 6_000;

    private static readonly TimeSpan BetweenEvents = TimeSpan.FromMilliseconds(10);

    [CitusFact]
    public async Task One_is_built_joins_agrees_goes_live_comes_back_and_is_retired()
    {
        await using var world = await CreateAsync();
        await world.SeedTalliesAsync(Streams * 3, Streams);
        var system = await world.OpenAsync(Tallies(), options => options.ReplayCommitInterval = TimeSpan.FromMilliseconds(50));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        (await world.Database.ScalarAsync<long>("select count(distinct nodeport) from citus_shards where table_name = 'tally_v2'::regclass")).ShouldBe(2);
        var report = await VerifyAsync(system);
        (report.Result.Agrees, report.Result.Equal).ShouldBe((true, (long)Streams));

        await World.SwitchAsync(system, "tally", 2, new SwitchCommand { RequireVerified = true });
        await world.AddAsync(TallyWorld.StreamOf(0), 7);
        await world.EventuallyAsync("select sum(total)::bigint from tally", (Streams * 3L) + 7);
        await World.SwitchAsync(system, "tally", 1);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe((Streams * 3L) + 7);

        await new RetireCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        (await world.Database.ScalarAsync<long>("select count(*) from pg_dist_partition")).ShouldBe(0);
    }

    [CitusFact]
    public async Task The_key_is_built_behind_the_first_rows()
    {
        await using var world = await CreateAsync();
        await world.Database.ExecuteAsync(DistributedV2().Folder.TableSql);
        await using var connection = await world.Sql.OpenConnectionAsync();
        var keys = await KeysAsync(world);
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            var load = await FirstLoad.BeginAsync(connection, "public.tally_v2", 0, CancellationToken.None);
            load.ShouldNotBeNull("the key stayed on");
            await using (var fill = new NpgsqlCommand($"insert into tally_v2 select md5(i::text)::uuid, i, 1, 1 from generate_series(1, {Streams}) i", connection))
            {
                await fill.ExecuteNonQueryAsync();
            }

            await load.EndAsync(CancellationToken.None);
            await transaction.CommitAsync();
        }

        (await KeysAsync(world)).ShouldBe(keys);
        (await world.Database.ScalarAsync<long>("select count(*) from tally_v2")).ShouldBe(Streams);
    }

    [CitusFact]
    public async Task One_is_planned_and_rehearsed_and_nothing_is_left()
    {
        await using var world = await CreateAsync();
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(Tallies());
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);

        var plan = await new Plan(system).RunAsync(TallyWorld.Tally, 2, CancellationToken.None);
        var rehearsal = await new DryRun(system).RunAsync(TallyWorld.Tally, 2, 1, CancellationToken.None);

        plan.Contract!.Gained.ShouldBe(["biggest"]);
        plan.Remarks.ShouldContain(remark => remark.Contains("no snapshot shows all servers at one moment"));
        (rehearsal.Rows, rehearsal.Problem).ShouldBe((100, null));
        rehearsal.EstimatedBytes.ShouldBeGreaterThan(0);
        (await world.Database.ScalarAsync<long>("select count(*) from pg_class where relname like 'tally\\_v2%'")).ShouldBe(0);
        (await world.Database.ScalarAsync<long>("select count(*) from pg_namespace where nspname like 'projections\\_rehearsal%'")).ShouldBe(0);
        (await world.Database.ScalarAsync<long>("select count(*) from pg_dist_partition")).ShouldBe(0);
    }

    [CitusFact]
    public async Task Its_figures_are_those_of_its_shards()
    {
        await using var world = await CreateAsync();
        await world.SeedTalliesAsync(Streams, Streams);
        var system = await world.OpenAsync(Tallies());
        world.Start(system);
        await world.BuildAsync(system, "tally", 2);
        await using var connection = await world.Sql.OpenConnectionAsync();
        Task<TableFigures> FiguresAsync() => TableFigures.ReadAsync(connection, "public.tally_v2", CancellationToken.None);

        var figures = await FiguresAsync();
        (figures.Kind, figures.Rows, figures.AreStale).ShouldBe((TableKind.Distributed, Streams, false));
        figures.Bytes.ShouldBe(await world.Database.ScalarAsync<long>("select citus_table_size('tally_v2')"));
        figures.IndexBytes.ShouldBeGreaterThan(0);
        figures.Pages.ShouldBeGreaterThan(0);
        await world.BuildAsync(system, "tally", 1);
        (await ProjectionReport.ReadAsync(system, TallyWorld.Tally, CancellationToken.None)).Single().Versions.Select(version => version.Table).ShouldBe(["plain", "distributed"]);

        await world.Database.ExecuteAsync("update tally_v2 set total = total + 0; update tally_v2 set total = total + 0");
        await Deadline.UntilAsync(FiguresAsync, found => found.AreStale, "be noticed");
        await World.SwitchAsync(system, "tally", 2);
        (await FiguresAsync()).AreStale.ShouldBeFalse();
    }

    [CitusTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Comparisons_under_a_flow_of_events_find_no_difference_but_those_that_are_there(bool both)
    {
        await using var world = await CreateAsync();
        await world.SeedTalliesAsync(Streams, Streams);
        var system = await world.OpenAsync(both ? ProjectionRegistry.Of(DistributedV1(), DistributedV2()) : Tallies());
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        using var stop = new CancellationTokenSource();
        var adding = Task.WhenAll(world.KeepAddingAsync(stop.Token, BetweenEvents), KeepOpeningAsync(world, stop.Token));

        var positions = new HashSet<EventPosition?>();
        for (var run = 0; run < World.Setting("CITUS_COMPARISONS", 30); run++)
        {
            var report = await VerifyAsync(system);
            report.Result.Differences.ShouldBeEmpty();
            report.Result.Equal.ShouldBeGreaterThanOrEqualTo(Streams);
            positions.Add(report.Position);
        }

        await world.Database.ExecuteAsync($"update tally_v2 set biggest = biggest, total = total + 1000 where id in ('{TallyWorld.StreamOf(3_000)}', '{TallyWorld.StreamOf(5_000)}')");
        var wrong = (await VerifyAsync(system)).Result;
        await stop.CancelAsync();
        await adding;
        (wrong.Differing, wrong.OnlyInEarlier, wrong.OnlyInLater).ShouldBe((2, 0, 0));
        positions.Count.ShouldBeGreaterThan(10);
    }

    [CitusFact]
    public async Task A_fold_of_its_events_under_a_flow_of_them_differs_where_rows_do()
    {
        await using var world = await CreateAsync();
        await world.SeedTalliesAsync(Streams, Streams);
        var system = await world.OpenAsync(Tallies());
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 2);
        using var stop = new CancellationTokenSource();
        var adding = Task.WhenAll(world.KeepAddingAsync(stop.Token, BetweenEvents), KeepOpeningAsync(world, stop.Token));

        var positions = new HashSet<EventPosition>();
        for (var run = 0; run < World.Setting("CITUS_COMPARISONS", 30); run++)
        {
            // A part of them in every third.
            var report = await VerifyAgainstEventsAsync(system, run % 3 == 2 ? 0.2 : 1);
            report.Result.Differences.ShouldBeEmpty();
            positions.Add(report.Position);
        }

        await world.Database.ExecuteAsync($"update tally_v2 set biggest = biggest, total = total + 1000 where id in ('{TallyWorld.StreamOf(3_000)}', '{TallyWorld.StreamOf(5_000)}')");
        var wrong = (await VerifyAgainstEventsAsync(system, 1)).Result;
        await stop.CancelAsync();
        await adding;
        (wrong.Differing, wrong.OnlyInEarlier, wrong.OnlyInLater).ShouldBe((2, 0, 0));
        positions.Count.ShouldBeGreaterThan(10);
    }

    [CitusFact]
    public async Task While_a_server_with_its_rows_is_gone_it_steps_out_and_the_live_version_goes_on()
    {
        await using var world = await CreateAsync();
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(Tallies());
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);

        await citus.Workers[0].StopAsync(LocalPostgres.StopMode.Immediate);
        try
        {
            for (var i = 0; i < 100; i++)
            {
                await world.AddAsync(TallyWorld.StreamOf(i), 1);
            }

            await world.EventuallyAsync("select sum(total)::bigint from tally", 600L);
            (await world.AuditAsync("tally", 2)).ShouldContain(line => line.Contains("a server that has some of its rows is gone"));
        }
        finally
        {
            await citus.Workers[0].StartAgainAsync();
        }

        await world.BecomesAsync("tally", 2, VersionState.Ready);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 600L);
        (await VerifyAsync(system)).Result.Agrees.ShouldBeTrue();
    }

    [CitusFact]
    public async Task Nothing_is_folded_on_rows_that_are_committed_here_and_only_prepared_elsewhere()
    {
        await using var world = await CreateAsync();
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(ProjectionRegistry.Of(DistributedV2()));
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 2);
        await world.StopAsync(worker);
        // Otherwise it is finished within a minute.
        await world.Database.ExecuteAsync("alter system set citus.recover_2pc_interval = -1");
        await world.Database.ExecuteAsync("select pg_reload_conf()");
        await PrepareLastEventAsync(world, TallyWorld.StreamOf(0));

        await world.AddAsync(TallyWorld.StreamOf(0), 1);
        world.Start(system);
        await world.UntilAsync("tally", 2, version => version.Trouble?.Contains("is not finished on every server") == true, "waiting");
        (await world.Database.ScalarAsync<long>($"select total from tally where id = '{TallyWorld.StreamOf(0)}'")).ShouldBe(4);

        await world.Database.ExecuteAsync("select recover_prepared_transactions()");
        await world.EventuallyAsync($"select total from tally where id = '{TallyWorld.StreamOf(0)}'", 6L);
        await world.Database.ExecuteAsync("alter system reset citus.recover_2pc_interval");
        await world.Database.ExecuteAsync("select pg_reload_conf()");
    }

    [CitusFact]
    public async Task A_worker_and_all_commands_need_no_more_rights_than_the_docs_name()
    {
        await using var world = await CreateAsync();
        await world.SeedTalliesAsync(Streams, Streams);
        var system = await OpenAsPlainRoleAsync(world);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var plan = await new Plan(system).RunAsync(TallyWorld.Tally, 2, CancellationToken.None);
        var rehearsal = await new DryRun(system).RunAsync(TallyWorld.Tally, 2, 1, CancellationToken.None);
        await world.BuildAsync(system, "tally", 2);
        await world.AddAsync(TallyWorld.StreamOf(0), 7);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", Streams + 7L);

        plan.Contract!.Gained.ShouldBe(["biggest"]);
        rehearsal.Problem.ShouldBeNull();
        (await VerifyAsync(system)).Result.Agrees.ShouldBeTrue();
        (await VerifyAgainstEventsAsync(system, 1)).Result.Agrees.ShouldBeTrue();
        await World.SwitchAsync(system, "tally", 2, new SwitchCommand { RequireVerified = true });
        await World.SwitchAsync(system, "tally", 1);
        (await ProjectionReport.ReadAsync(system, TallyWorld.Tally, CancellationToken.None)).Single().Versions.Select(version => version.Table).ShouldBe(["plain", "distributed"]);
        await new RetireCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        (await world.Database.ScalarAsync<long>("select count(*) from pg_dist_partition")).ShouldBe(0);
        (await world.Database.ScalarAsync<bool>("select rolsuper from pg_roles where rolname = 'projections_worker'")).ShouldBeFalse();
    }

    [CitusFact]
    public async Task Rows_of_one_server_are_committed_with_the_checkpoint_or_not_at_all()
    {
        await using var world = await CreateAsync();
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(ProjectionRegistry.Of(DistributedV2()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 2);
        for (var taken = 1; taken <= 5; taken++)
        {
            // As somebody who takes over does: what its holder folds is refused at the checkpoint.
            await world.Database.ExecuteAsync("update projections.version set lease_epoch = lease_epoch + 1, lease_holder = null, lease_until = null");
            await world.AddAsync(TallyWorld.StreamOf(0), 1);
            await world.EventuallyAsync("select position_major from projections.version", 500L + taken);
        }

        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe(505);
        const string Prepared = "select count(*) from pg_dist_transaction";
        // Otherwise what was prepared is forgotten within a minute.
        await world.Database.ExecuteAsync("alter system set citus.recover_2pc_interval = -1");
        await world.Database.ExecuteAsync("select pg_reload_conf()");
        var before = await world.Database.ScalarAsync<long>(Prepared);
        await world.AddAsync(TallyWorld.StreamOf(0), 1);
        await world.EventuallyAsync("select sum(total)::bigint from tally", 506L);
        (await world.Database.ScalarAsync<long>(Prepared)).ShouldBeGreaterThan(before, "one server may have committed without the other");
        await world.Database.ExecuteAsync("alter system reset citus.recover_2pc_interval");
        await world.Database.ExecuteAsync("select pg_reload_conf()");
    }

    [CitusFact]
    public async Task One_that_another_program_writes_is_not_adopted_as_it_could_not_write_through_the_view()
    {
        await using var world = await CreateAsync();
        await world.Database.ExecuteAsync("create table tally (id uuid primary key, total bigint not null, events integer not null); select create_distributed_table('tally', 'id')");
        var system = await world.OpenAsync(Tallies());

        var refused = await Should.ThrowAsync<OperationRefused>(new AdoptCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None));
        refused.Message.ShouldContain("Citus writes to no view");

        await new AdoptCommand { Projection = TallyWorld.Tally, At = EventPosition.BeforeFirst }.RunAsync(system, World.Someone, CancellationToken.None);
        world.Start(system);
        await world.AddAsync(TallyWorld.StreamOf(1), 5);
        await world.EventuallyAsync("select coalesce(sum(total), 0)::bigint from tally", 5L);
    }

    private async Task<World> CreateAsync() => await World.CreateAsync(await citus.CreateDatabaseAsync());

    /// <summary>A system whose role has the rights that are shipped, and those that docs/scale.md names beside them.</summary>
    private async Task<ProjectionSystem> OpenAsPlainRoleAsync(World world)
    {
        await world.Database.ExecuteAsync("drop schema projections cascade; do $$ begin if to_regrole('app') is null then create role app; end if; end $$");
        await world.Database.ExecuteAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Folder, "deploy", "postgres", "rights.sql")));
        await world.Database.ExecuteAsync("grant usage on schema events to projections_worker; grant select on all tables in schema events to projections_worker; grant select on all sequences in schema events to projections_worker");
        var system = await world.OpenAsync(Tallies(), signingIn: await citus.LetInAsync("projections_worker"));
        await system.Catalog.InstallAsync(CancellationToken.None);
        return system;
    }

    /// <summary>v1 on the coordinator, v2 on the workers.</summary>
    private static ProjectionRegistry Tallies() => ProjectionRegistry.Of(new TallyV1(), DistributedV2());

    private static TallyV1 DistributedV1()
    {
        var version = new TallyV1();
        version.Folder = version.Folder with { TableSql = $"{version.Folder.TableSql}; select create_distributed_table('tally_v1', 'id')" };
        return version;
    }

    private static TallyV2 DistributedV2()
    {
        var version = new TallyV2();
        version.Folder = version.Folder with { TableSql = $"{version.Folder.TableSql}; select create_distributed_table('tally_v2', 'id')" };
        return version;
    }

    private static Task<IReadOnlyList<string>> KeysAsync(World world) =>
        world.ColumnAsync("select result from run_command_on_shards('tally_v2', $$select pg_get_constraintdef(oid) from pg_constraint where conrelid = '%s'::regclass and contype = 'p'$$)");

    /// <summary>Leaves a row's last event as it is when the coordinator goes away between its own commit and the other server's.</summary>
    private async Task PrepareLastEventAsync(World world, Guid row)
    {
        const string Prepared = "citus_0_1_4711_0";
        var shard = (await world.ColumnAsync($"select shard_name('tally_v2', get_shard_id_for_distribution_column('tally_v2', '{row}'))")).Single();
        var port = await world.Database.ScalarAsync<int>($"select nodeport::int from citus_shards where shardid = get_shard_id_for_distribution_column('tally_v2', '{row}')");
        var server = citus.Workers.Single(worker => new NpgsqlConnectionStringBuilder(worker.ConnectionString).Port == port);
        await using (var connection = new NpgsqlConnection(citus.ConnectionStringFor(server)))
        {
            await connection.OpenAsync();
            foreach (var sql in (string[])[
                "set citus.enable_manual_changes_to_shards = on",
                $"update {shard} set total = total - 1, events = events - 1 where id = '{row}'",
                $"begin; update {shard} set total = total + 1, events = events + 1 where id = '{row}'; prepare transaction '{Prepared}'"])
            {
                await using var command = new NpgsqlCommand(sql, connection);
                await command.ExecuteNonQueryAsync();
            }
        }

        await world.Database.ExecuteAsync($"insert into pg_dist_transaction (groupid, gid) select groupid, '{Prepared}' from pg_dist_node where nodeport = {port}");
    }

    private static async Task KeepOpeningAsync(World world, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await world.AddAsync(Guid.NewGuid(), 1);
            await Task.Delay(BetweenEvents, CancellationToken.None);
        }
    }

    private static Task<VerificationReport> VerifyAsync(ProjectionSystem system) =>
        new Verify(system).RunAsync(TallyWorld.Tally, 1, 2, Deadline.Generous, World.Anybody, CancellationToken.None);

    private static Task<EventVerification> VerifyAgainstEventsAsync(ProjectionSystem system, double share) =>
        new VerifyAgainstEvents(system).RunAsync(TallyWorld.Tally, 2, share, CancellationToken.None);
}
