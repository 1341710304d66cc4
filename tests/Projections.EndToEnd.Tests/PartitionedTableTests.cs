using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Planning;
using Projections.Reports;
using Projections.Switching;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;

namespace Projections.EndToEnd;

/// <summary>A version whose table.sql declares partitions lives as every other does.</summary>
public sealed class PartitionedTableTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    // So many that the first load takes the key off, and each merge behind it goes by a staging table.
    private const int Streams = 6_000;

    private static ProjectionRegistry Both => ProjectionRegistry.Of(new TallyV1(), InPartitions());

    [PostgresFact]
    public async Task It_is_built_joins_agrees_goes_live_comes_back_and_is_retired()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Streams * 3, Streams);
        var system = await world.OpenAsync(Both, options => options.ReplayCommitInterval = TimeSpan.FromMilliseconds(50));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        (await world.Database.ScalarAsync<long>("select count(*) from pg_index where indrelid in (select relid from pg_partition_tree('tally_v2') where isleaf) and indisvalid")).ShouldBe(8);
        (await world.Database.ScalarAsync<long>("select min(rows) from (select count(*) as rows from tally_v2 group by tableoid) as parts")).ShouldBeGreaterThan(Streams / 8, "the partitions share the rows");
        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token);

        for (var run = 0; run < 10; run++)
        {
            var report = await VerifyAsync(system);
            (report.Result.Agrees, report.Result.Equal).ShouldBe((true, (long)Streams));
        }

        await World.SwitchAsync(system, "tally", 2, new SwitchCommand { RequireVerified = true });
        await World.SwitchAsync(system, "tally", 1);
        await World.SwitchAsync(system, "tally", 2);
        await stop.CancelAsync();
        var added = await adding;
        await world.EventuallyAsync("select sum(total)::bigint from tally", (Streams * 3L) + added);
        (await VerifyAsync(system)).Result.Agrees.ShouldBeTrue();

        await World.SwitchAsync(system, "tally", 1);
        await new RetireCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        (await world.Database.ScalarAsync<long>("select count(*) from pg_class where relname like 'tally\\_v2%'")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task Its_figures_are_those_of_its_partitions()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Streams, Streams);
        var system = await world.OpenAsync(Both);
        world.Start(system);
        await world.BuildAsync(system, "tally", 2);
        await using var connection = await world.Sql.OpenConnectionAsync();

        var figures = await TableFigures.ReadAsync(connection, "public.tally_v2", CancellationToken.None);
        (figures.Kind, figures.Rows, figures.AreStale).ShouldBe((TableKind.Partitioned, Streams, false));
        figures.Bytes.ShouldBe(await world.Database.ScalarAsync<long>("select sum(pg_table_size(relid))::bigint from pg_partition_tree('tally_v2')"));
        figures.IndexBytes.ShouldBeGreaterThan(0);
        figures.Pages.ShouldBeGreaterThan(0);

        (await ProjectionReport.ReadAsync(system, TallyWorld.Tally, CancellationToken.None)).Single().Versions.Single().Table.ShouldBe("partitioned");

        // By hand in one partition, as nobody analyzes the whole for that.
        await world.Database.ExecuteAsync("alter table tally_v2_1 set (autovacuum_enabled = off); update tally_v2_1 set total = total + 0; update tally_v2_1 set total = total + 0");
        await Deadline.UntilAsync(
            () => TableFigures.ReadAsync(connection, "public.tally_v2", CancellationToken.None), found => found.AreStale, "be noticed");
        // The switch mends it.
        await World.SwitchAsync(system, "tally", 2);
        (await TableFigures.ReadAsync(connection, "public.tally_v2", CancellationToken.None)).AreStale.ShouldBeFalse();
    }

    [PostgresFact]
    public async Task It_is_planned_and_rehearsed_and_nothing_is_left()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);

        (await new Plan(system).RunAsync(TallyWorld.Tally, 2, CancellationToken.None)).Contract!.Gained.ShouldBe(["biggest"]);
        var rehearsal = await new DryRun(system).RunAsync(TallyWorld.Tally, 2, 1, CancellationToken.None);

        (rehearsal.Rows, rehearsal.Problem).ShouldBe((100, null));
        rehearsal.EstimatedBytes.ShouldBeGreaterThan(0);
        (await world.Database.ScalarAsync<long>("select count(*) from pg_class where relname like 'tally\\_v2%'")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task It_can_be_built_anew_while_readers_keep_its_table()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(ProjectionRegistry.Of(InPartitions()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 2);
        await new PauseCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.UntilAsync("tally", 2, version => version is { State: VersionState.Paused, IsLeased: false }, "let go of");

        await new RebuildCommand { Projection = TallyWorld.Tally, To = 2, Anew = true }.RunAsync(system, World.Someone, CancellationToken.None);

        await world.BecomesAsync("tally", 2, VersionState.Ready);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe(500);
        await World.SwitchAsync(system, "tally", 2);
        (await world.Database.ScalarAsync<long>("select count(*) from pg_class where relname like 'tally\\_v2\\__'")).ShouldBe(4);
    }

    private static TallyV2 InPartitions()
    {
        var version = new TallyV2();
        version.Folder = version.Folder with
        {
            TableSql = $"{version.Folder.TableSql} partition by hash (id); "
                + string.Join("; ", Enumerable.Range(0, 4).Select(part => $"create table tally_v2_{part} partition of tally_v2 for values with (modulus 4, remainder {part})")),
        };
        return version;
    }

    private static Task<VerificationReport> VerifyAsync(ProjectionSystem system) =>
        new Verify(system).RunAsync(TallyWorld.Tally, 1, 2, Deadline.Generous, World.Anybody, CancellationToken.None);
}
