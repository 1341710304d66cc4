using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.PostgresEvents;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd.Shards;

/// <summary>One version whose history is replayed by several workers.</summary>
public sealed class ShardTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Events = 20_000;
    private const int Streams = 100;

    // Behind the first batches, of 4,096 events each, and before the last.
    private const int Middle = 10_000;

    private const string Rows = "select concat_ws(' ', id, total, events) from tally_v1 order by id";

    [PostgresFact]
    public async Task Two_workers_fold_a_shard_each_and_the_rows_are_those_of_one_fold()
    {
        await using var world = await HistoryAsync();
        var (systems, sources) = await HoldAsync(world, workers: 2, shards: 2);
        await world.EventuallyAsync("select count(distinct lease_holder) from projections.shard where lease_until > now()", 2L);
        Array.ForEach(sources, source => source.Release());

        var ready = await world.BecomesAsync("tally", 1, VersionState.Ready);

        (await world.ColumnAsync(Rows)).ShouldBe(Expected());
        (ready.EventsDone, ready.Shards.Count).ShouldBe((Events, 0));
        // The server sends each of them what is in its share.
        sources.Sum(source => source.Read).ShouldBe(Events);
        sources.ShouldAllBe(source => source.Read > Events / 4);
        (await world.AuditAsync("tally", 1)).Count(line => line.Contains("replaying", StringComparison.Ordinal)).ShouldBe(2, "it was begun once, and left once");
    }

    [PostgresFact]
    public async Task One_worker_alone_takes_all_shards()
    {
        await using var world = await HistoryAsync();
        var system = await world.OpenAsync(Tallies(), options => options.ConcurrentRebuilds = 1);
        await AskAsync(system, 5);

        world.Start(system);

        await world.BecomesAsync("tally", 1, VersionState.Ready);
        (await world.ColumnAsync(Rows)).ShouldBe(Expected());
    }

    [PostgresFact]
    public async Task More_shards_can_be_asked_for_while_it_is_replayed_as_a_whole_and_in_shards()
    {
        await using var world = await HistoryAsync();
        var system = await world.OpenAsync(Tallies(), CommitOften);
        await AskAsync(system, 1, throttle: 2_000);
        world.Start(system);
        await world.UntilAsync("tally", 1, version => version.Checkpoint > EventPosition.BeforeFirst, "begun as a whole");

        (await AskAsync(system, 2)).Outcome.ShouldEndWith("is being rebuilt already, and in 2 shards from now on.");
        await world.EventuallyAsync("select count(*) from projections.shard", 2L);
        var begun = await world.Database.ScalarAsync<long>("select min(position_major) from projections.shard");
        await AskAsync(system, 5);
        await world.EventuallyAsync("select count(*) from projections.shard", 5L);
        await new SetThrottleCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);

        await world.BecomesAsync("tally", 1, VersionState.Ready);
        begun.ShouldBeGreaterThan(0);
        (await world.ColumnAsync(Rows)).ShouldBe(Expected());
    }

    [PostgresFact]
    public async Task A_shard_that_is_cut_in_two_is_folded_on_from_its_checkpoint_by_two()
    {
        await using var world = await HistoryAsync();
        var (systems, sources) = await HoldAsync(world, workers: 2, shards: 2, CommitOften);
        await world.EventuallyAsync("select count(*) from projections.shard where position_major > 0", 2L);

        await AskAsync(systems[0], 4);
        await world.EventuallyAsync("select count(*) from projections.shard where position_major > 0", 4L);
        var epochs = await world.Database.ScalarAsync<long>("select min(lease_epoch) from projections.shard where from_hash in (-2147483648, 0)");
        Array.ForEach(sources, source => source.Release());

        await world.BecomesAsync("tally", 1, VersionState.Ready);
        epochs.ShouldBeGreaterThan(1, "whoever held it before is fenced off");
        (await world.ColumnAsync(Rows)).ShouldBe(Expected());
    }

    [PostgresFact]
    public async Task Fewer_shards_than_there_are_and_shards_once_history_is_folded_are_refused()
    {
        await using var world = await HistoryAsync();
        var (systems, sources) = await HoldAsync(world, workers: 1, shards: 3);
        await world.EventuallyAsync("select count(*) from projections.shard", 3L);

        (await Should.ThrowAsync<OperationRefused>(AskAsync(systems[0], 2))).Message.ShouldBe(
            "Cannot rebuild tally v1 in 2 shards: it has 3, which are one again only when all of them are done.");
        sources[0].Release();
        await world.BecomesAsync("tally", 1, VersionState.Ready);

        (await Should.ThrowAsync<OperationRefused>(AskAsync(systems[0], 2))).Message.ShouldBe("Cannot rebuild tally v1 in 2 shards: its history is folded already, and it is ready.");
    }

    [PostgresFact]
    public async Task A_version_whose_rows_are_not_each_of_one_stream_is_refused_with_the_reason()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new SqlTallyV1()));

        (await Should.ThrowAsync<OperationRefused>(AskAsync(system, 2))).Message.ShouldStartWith(
            "Cannot rebuild tally v1 in shards: its rows are not each made of one stream");
    }

    [PostgresFact]
    public async Task A_table_that_looks_from_row_to_row_is_replayed_as_a_whole_and_says_why_when_shards_are_asked_for()
    {
        var unique = new TallyV1();
        unique.Folder = unique.Folder with { TableSql = $"{unique.Folder.TableSql}; create unique index tally_v1_only on tally_v1 (id, total)" };
        await using var world = await HistoryAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(unique));
        await AskAsync(system, 2);

        world.Start(system);

        (await world.BecomesAsync("tally", 1, VersionState.Failed)).Failure!.ShouldStartWith(
            "tally v1 cannot be replayed in shards: the unique index tally_v1_only of its table would meet rows of different positions; what is unique can be created in indexes.sql.");
    }

    [PostgresFact]
    public async Task A_pause_reaches_all_who_hold_a_shard_and_a_resume_goes_on_where_each_was()
    {
        await using var world = await HistoryAsync();
        var (systems, sources) = await HoldAsync(world, workers: 2, shards: 2, CommitOften);
        await world.EventuallyAsync("select count(*) from projections.shard where position_major > 0 and lease_until > now()", 2L);

        await new PauseCommand { Projection = TallyWorld.Tally }.RunAsync(systems[0], World.Someone, CancellationToken.None);
        await world.EventuallyAsync("select count(*) from projections.shard where lease_holder is not null", 0L);
        await world.UntilAsync("tally", 1, version => version is { State: VersionState.Paused, IsLeased: false }, "paused");
        var paused = await world.Database.ScalarAsync<long>("select sum(events_done)::bigint from projections.shard");
        Array.ForEach(sources, source => source.Release());
        await new ResumeCommand { Projection = TallyWorld.Tally }.RunAsync(systems[0], World.Someone, CancellationToken.None);

        (await world.BecomesAsync("tally", 1, VersionState.Ready)).EventsDone.ShouldBe(Events, "nothing was folded twice that was committed");
        paused.ShouldBeInRange(1, Events - 1);
        (await world.ColumnAsync(Rows)).ShouldBe(Expected());
    }

    [PostgresFact]
    public async Task An_abort_waits_for_all_who_hold_a_shard_and_leaves_nothing()
    {
        await using var world = await HistoryAsync();
        var (systems, sources) = await HoldAsync(world, workers: 2, shards: 2);
        await world.EventuallyAsync("select count(*) from projections.shard where lease_until > now()", 2L);

        await new AbortCommand { Projection = TallyWorld.Tally }.RunAsync(systems[0], World.Someone, CancellationToken.None);

        (await world.Database.ScalarAsync<long>("select count(*) from projections.shard")).ShouldBe(0);
        (await world.Database.ScalarAsync<bool>("select to_regclass('tally_v1') is null")).ShouldBeTrue();
        Array.ForEach(sources, source => source.Release());
        await AskAsync(systems[0], 3);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        (await world.ColumnAsync(Rows)).ShouldBe(Expected());
    }

    [PostgresFact]
    public async Task A_throttle_is_shared_by_the_shards_that_are_not_done()
    {
        await using var world = await HistoryAsync();
        var system = await world.OpenAsync(Tallies());
        await AskAsync(system, 2, throttle: 1_000);
        world.Start(system);
        await world.EventuallyAsync("select count(*) from projections.shard where progress_events > 0", 2L);

        var rates = await world.Database.ScalarAsync<double>("select max(events_per_second) from projections.shard");
        await new SetThrottleCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);

        await world.BecomesAsync("tally", 1, VersionState.Ready);
        rates.ShouldBeLessThan(800, "each has half of a thousand");
        (await world.ColumnAsync(Rows)).ShouldBe(Expected());
    }

    [PostgresFact]
    public async Task An_event_that_one_shard_cannot_fold_stops_the_version_and_set_aside_it_is_one_dead_letter()
    {
        await using var world = await HistoryAsync();
        await world.AddAsync(TallyWorld.StreamOf(7), 13);
        await world.AddAsync(TallyWorld.StreamOf(8), 1);
        // Two shards in one worker share a pass, so that both are given the event.
        var failing = new TallyV1 { Folding = amount => ThrowIf(amount == 13) };
        var system = await world.OpenAsync(ProjectionRegistry.Of(failing));
        await AskAsync(system, 2);
        world.Start(system);
        var failed = await world.BecomesAsync("tally", 1, VersionState.Failed);
        await world.EventuallyAsync("select count(*) from projections.shard where lease_holder is not null", 0L);

        await new ResumeCommand { Projection = TallyWorld.Tally, SetAside = failed.FailurePosition, Why = "it is wrong" }.RunAsync(system, World.Someone, CancellationToken.None);

        (await world.BecomesAsync("tally", 1, VersionState.Ready)).EventsDone.ShouldBe(Events + 2);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.dead_letter where attempts = 1")).ShouldBe(1);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(Events + 1);
    }

    [PostgresFact]
    public async Task Workers_of_other_releases_leave_shards_alone_that_they_do_not_know_or_know_otherwise()
    {
        await using var world = await HistoryAsync();
        var (systems, sources) = await HoldAsync(world, workers: 1, shards: 3);
        await world.EventuallyAsync("select count(*) from projections.shard where lease_until > now()", 3L);
        var edited = new TallyV1();
        edited.Folder = edited.Folder with { Hash = "5555555555555555555555555555555555555555555555555555555555555555" };
        var without = await world.OpenAsync(ProjectionRegistry.Of(new NumberedTally(1)));
        var other = await world.OpenAsync(ProjectionRegistry.Of(edited, new NumberedTally(2)));
        world.Start(without);
        world.Start(other);

        // Shards that are free to be taken, while the version itself is held.
        await world.Database.ExecuteAsync("update projections.shard set lease_until = now() - interval '1 minute', lease_epoch = lease_epoch + 1");
        await world.BuildAsync(without, NumberedTally.NameOf(1), 1);
        await world.BuildAsync(other, NumberedTally.NameOf(2), 1);
        sources[0].Release();

        await world.BecomesAsync("tally", 1, VersionState.Ready);
        (await world.ColumnAsync(Rows)).ShouldBe(Expected());
        (await world.ColumnAsync("select distinct who from projections.transition where projection = 'tally'")).ShouldBe(["test", systems[0].Name], ignoreOrder: true);
    }

    [PostgresFact]
    public async Task Nothing_is_cut_by_itself_where_events_or_workers_are_few()
    {
        await using var world = await HistoryAsync();
        var systems = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => world.OpenAsync(Tallies())));
        Array.ForEach(systems, system => world.Start(system));
        await world.Database.ExecuteAsync(
            """
            create table cut (at timestamptz);
            create function note() returns trigger language plpgsql as $$ begin insert into public.cut values (now()); return new; end $$;
            create trigger note after insert on projections.shard for each row execute function note()
            """);

        await world.BuildAsync(systems[0], "tally", 1);

        (await world.Database.ScalarAsync<long>("select count(*) from cut")).ShouldBe(0);
        (await world.ColumnAsync(Rows)).ShouldBe(Expected());
    }

    private static Task<OperationResult> AskAsync(ProjectionSystem system, int shards, int? throttle = null) =>
        new RebuildCommand { Projection = TallyWorld.Tally, To = 1, Shards = shards, Throttle = throttle }.RunAsync(system, World.Someone, CancellationToken.None);

    private static ProjectionRegistry Tallies() => ProjectionRegistry.Of(new TallyV1());

    private static IEnumerable<string> Expected() =>
        Enumerable.Range(0, Streams).Select(TallyWorld.StreamOf).OrderBy(stream => stream.ToString(), StringComparer.Ordinal).Select(stream => $"{stream} {Events / Streams} {Events / Streams}");

    private async Task<World> HistoryAsync()
    {
        var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Events, Streams);
        return world;
    }

    private static void CommitOften(ProjectionsOptions options) => options.ReplayCommitInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>Asks for a replay in shards, and starts workers whose history stands still in the middle until it is released.</summary>
    private static async Task<(ProjectionSystem[] Systems, CountedSource[] Sources)> HoldAsync(World world, int workers, int shards, Action<ProjectionsOptions>? configure = null)
    {
        var (systems, sources) = (new ProjectionSystem[workers], new CountedSource[workers]);
        for (var i = 0; i < workers; i++)
        {
            sources[i] = new CountedSource(await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero })) { HeldAfter = Middle };
            systems[i] = await world.OpenAsync(Tallies(), configure, source: sources[i]);
        }

        await AskAsync(systems[0], shards);
        Array.ForEach(systems, system => world.Start(system));
        return (systems, sources);
    }

    private static void ThrowIf(bool isTheOne)
    {
        if (isTheOne)
        {
            throw new InvalidOperationException("not this one");
        }
    }
}
