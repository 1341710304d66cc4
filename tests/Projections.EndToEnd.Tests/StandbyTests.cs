using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Planning;
using Projections.PostgresEvents;
using Projections.PostgresEvents.Standbys;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>A rebuild whose history is read from a streaming standby, from the command to ready.</summary>
public sealed class StandbyTests
{
    private const int Events = 20_000;
    private const int Streams = 100;
    private const int Invoices = 3_000;

    private const string ReadOfEvents = "select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint from pg_stat_user_tables where relname = 'mt_events'";

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task A_rebuild_waits_for_a_standby_that_is_away_says_so_and_gives_every_row()
    {
        await using var servers = await StandbyPair.StartAsync(("recovery_min_apply_delay", "200ms"));
        await using var world = await World.CreateAsync(await PostgresFixture.CreateDatabaseAsync(servers.Primary));
        await world.SeedTalliesAsync(Events, Streams);
        await servers.CatchUpAsync();
        await using var standby = NpgsqlDataSource.Create(servers.Standby.ConnectionStringFor(world.Database.Name));
        var options = new PostgresEventSourceOptions { Standby = new StandbyOptions { DataSource = standby, RangeSize = 1_000 } };
        var system = await world.OpenAsync(TallyWorld.Both, source: await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events"), options));

        var plan = await new Plan(system).RunAsync(TallyWorld.Tally, 1, CancellationToken.None);
        plan.Remarks.ShouldContain(remark => remark.StartsWith("History is read from the standby 127.0.0.1:"));

        await servers.Standby.StopAsync(LocalPostgres.StopMode.Immediate);
        world.Start(system);
        await World.AskToBuildAsync(system, "tally", 1);
        await world.EventuallyAsync("select activity like 'history waits: the standby 127.0.0.1:%' from projections.version", true);
        await servers.Standby.StartAgainAsync();
        await world.BecomesAsync("tally", 1, VersionState.Ready);

        (await world.ColumnAsync("select concat_ws(' ', id, total) from tally_v1 order by id")).ShouldBe(
            Enumerable.Range(0, Streams).Select(stream => $"{TallyWorld.StreamOf(stream)} {Events / Streams}"), ignoreOrder: true);
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task Shards_of_two_workers_are_read_from_the_standby_too()
    {
        await using var servers = await StandbyPair.StartAsync();
        await using var world = await World.CreateAsync(await PostgresFixture.CreateDatabaseAsync(servers.Primary));
        await world.SeedTalliesAsync(Events, Streams);
        await servers.CatchUpAsync();
        var copy = servers.Standby.ConnectionStringFor(world.Database.Name);
        await using var standby = NpgsqlDataSource.Create(copy);
        var options = new PostgresEventSourceOptions { Standby = new StandbyOptions { DataSource = standby } };
        var systems = new List<ProjectionSystem>();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            systems.Add(await world.OpenAsync(TallyWorld.Both, source: await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events"), options)));
        }

        await new RebuildCommand { Projection = TallyWorld.Tally, To = 1, Shards = 3 }.RunAsync(systems[0], World.Someone, CancellationToken.None);
        systems.ForEach(system => world.Start(system));
        await world.BecomesAsync("tally", 1, VersionState.Ready);

        (await world.ColumnAsync("select concat_ws(' ', id, total) from tally_v1 order by id")).ShouldBe(
            Enumerable.Range(0, Streams).Select(stream => $"{TallyWorld.StreamOf(stream)} {Events / Streams}"), ignoreOrder: true);
        // Each shard's session walks over all of history.
        await Deadline.UntilAsync(() => StandbyPair.ScalarAsync<long>(copy, ReadOfEvents), read => read >= 3 * Events, "read all events on the standby");
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task The_program_reads_history_from_the_standby_that_its_settings_name()
    {
        await using var servers = await StandbyPair.StartAsync();
        await using var world = await World.CreateAsync(await PostgresFixture.CreateDatabaseAsync(servers.Primary));
        await world.SeedAsync(Invoices);
        var events = await world.Database.ScalarAsync<long>("select count(*) from events.mt_events");
        await servers.CatchUpAsync();
        var standby = servers.Standby.ConnectionStringFor(world.Database.Name);

        await using (var worker = WorkerProcess.Start(world, [("ConnectionStrings__EventsReplay", standby)], "run"))
        {
            await World.AskToBuildAsync(await world.OpenAsync(ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly)), "invoice_summary", 1);
            await world.BecomesAsync("invoice_summary", 1, VersionState.Ready);
        }

        (await world.Database.ScalarAsync<long>("select count(*) from invoice_summary_v1")).ShouldBe(await world.Database.ScalarAsync<long>(
            "select count(*) from (select from events.mt_events group by stream_id having bool_and(type <> 'invoice_cancelled')) as kept"));
        await Deadline.UntilAsync(
            () => StandbyPair.ScalarAsync<long>(standby, ReadOfEvents),
            read => read >= events,
            "read all events on the standby");
    }
}
