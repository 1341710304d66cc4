using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.Planning;
using Projections.PostgresEvents;
using Projections.PostgresEvents.Marten;
using Projections.Reports;
using Projections.Switching;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;
using Projections.Workers;

namespace Projections.EndToEnd.Seeds;

/// <summary>A version that begins with the rows of the live one, and not with history.</summary>
public sealed class SeedTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Streams = 200;

    private static readonly VersionId V2 = new(TallyWorld.Tally, 2);

    [PostgresFact]
    public async Task A_version_takes_the_live_ones_rows_follows_from_their_position_is_proved_and_goes_live_and_back()
    {
        await using var world = await WorldAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new GradedTallyV2(GradedTallyV2.RightSeed)));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token, TimeSpan.FromMilliseconds(2));

        await world.BuildAsync(system, "tally", 2);
        var proved = await world.UntilAsync("tally", 2, version => version.SeedAgrees is not null, "proved");
        await stop.CancelAsync();
        await adding;
        await World.SwitchAsync(system, "tally", 2);
        await World.SwitchAsync(system, "tally", 1);

        proved.SeedAgrees.ShouldBe(true, proved.SeedFinding);
        proved.SeedFinding!.ShouldContain($"and {Streams} of them with a fold of their events: a mistake in more than 0.1 % of the rows is found with 99 % certainty.");
        (await world.AuditAsync("tally", 2)).ShouldContain(line => line.Contains($" {Streams} rows were taken from v1 at position ", StringComparison.Ordinal));
        var replayed = ProjectionRegistry.Of(new TallyV1(), new GradedTallyV2(seed: null));
        await world.EventuallyAsync("select position_major from projections.version where number = 2", await world.Database.ScalarAsync<long>("select max(seq_id) from events.mt_events"));
        (await world.RowsAsync(V2, Streams)).ShouldBe(await world.UndisturbedAsync(postgres, replayed, V2, Streams));
    }

    public static TheoryData<string, string, string> WrongSeeds => new()
    {
        // Found by reading the file, before anything is made.
        { "reads another table", "insert into tally_v2 select id, total, events, total * 2, 'small' from tally_v1 join other using (id)", "It reads other. It may read the live version's table" },
        { "reads the read name", "insert into tally_v2 select id, total, events, total * 2, 'small' from tally", "It does not read" },
        { "reads a view hidden in a subquery", "insert into tally_v2 select id, total, events, total * 2, (select max(id::text) from tally) from tally_v1", "It reads tally." },
        { "reads the catalog", "insert into tally_v2 select id, total, events, total * 2, 'small' from tally_v1 where exists (select from projections.version)", "It reads projections.version." },
        { "writes the live version", "insert into tally_v1 (id, total, events) select id, total, events from tally_v2", "It writes another table" },
        { "deletes what it takes", "with gone as (delete from tally_v1 returning *) insert into tally_v2 select id, total, events, total * 2, 'small' from gone", "one INSERT, and nothing else that writes" },
        { "says two things", "insert into tally_v2 select id, total, events, total * 2, 'small' from tally_v1; update tally_v2 set grade = 'big' where total >= 10", "one INSERT, and nothing else that writes" },
        { "asks for the time", "insert into tally_v2 select id, total, events, total * 2, case when now() > '2020-01-01' then 'big' else 'small' end from tally_v1", "It uses now()" },
        { "asks for the date", "insert into tally_v2 select id, total, events, total * 2, current_date::text from tally_v1", "CURRENT_TIMESTAMP or another of the kind" },
        { "throws dice", "insert into tally_v2 select id, total, events, total * 2, case when random() > 0.5 then 'big' else 'small' end from tally_v1", "It uses random()" },
        { "hides a query in a function", "insert into tally_v2 select id, total, events, total * 2, grade_of(id) from tally_v1", "It uses grade_of(uuid)" },
        { "takes a sample", "insert into tally_v2 select id, total, events, total * 2, 'small' from tally_v1 tablesample system (50)", "TABLESAMPLE" },
        { "hides duplicates", "insert into tally_v2 select a.id, a.total, a.events, a.total * 2, 'small' from tally_v1 a join tally_v1 b on a.events = b.events on conflict do nothing", "It says ON CONFLICT" },
        { "is no INSERT", "truncate tally_v2", "seed.sql fails" },
        { "is not SQL", "insert into tally_v2 select from where", "seed.sql fails" },
        // Found when it runs.
        { "doubles rows", "insert into tally_v2 select a.id, a.total, a.events, a.total * 2, 'small' from tally_v1 a join tally_v1 b on a.events = b.events", "seed.sql fails: " },
        { "makes a null", "insert into tally_v2 select id, total, events, total * 2, case when total >= 10 then 'big' end from tally_v1", "null value" },
        // Found by the comparison of all rows.
        { "leaves rows out", "insert into tally_v2 select id, total, events, total * 2, case when total >= 10 then 'big' else 'small' end from tally_v1 where total > 3", "are only in v1" },
        { "makes a row up", "insert into tally_v2 select id, total, events, total * 2, case when total >= 10 then 'big' else 'small' end from tally_v1 union all select '99999999-0000-0000-0000-000000000000', max(total), 1, 0, 'big' from tally_v1", "1 are only in v2" },
        { "exchanges two columns", "insert into tally_v2 select id, events, total, total * 2, case when total >= 10 then 'big' else 'small' end from tally_v1", "differ (" },
        { "is wrong in one row", "insert into tally_v2 select id, total, events + (id = '00000005-0000-0000-0000-000000000001')::int, total * 2, case when total >= 10 then 'big' else 'small' end from tally_v1", "1 differ (events in 1)" },
        { "loses what is missing", "insert into tally_v2 select id, total, coalesce(nullif(events, 3), 0), total * 2, case when total >= 10 then 'big' else 'small' end from tally_v1", "differ (events in" },
        // Found by folding rows from their events: these columns are new.
        { "is wrong at a bound", "insert into tally_v2 select id, total, events, total * 2, case when total > 10 then 'big' else 'small' end from tally_v1", "differ (grade in" },
        { "forgets a column", "insert into tally_v2 select id, total, events, 0, case when total >= 10 then 'big' else 'small' end from tally_v1", "differ (doubled in" },
        { "rounds", "insert into tally_v2 select id, total, events, total / 3 * 6, case when total >= 10 then 'big' else 'small' end from tally_v1", "differ (doubled in" },
        { "takes the neighbour's", "insert into tally_v2 select id, total, events, lag(total * 2, 1, 0::bigint) over (order by id), case when total >= 10 then 'big' else 'small' end from tally_v1", "differ (doubled in" },
        { "cuts a text", "insert into tally_v2 select id, total, events, total * 2, left(case when total >= 10 then 'big' else 'small' end, 4) from tally_v1", "differ (grade in" },
    };

    [PostgresTheory]
    [MemberData(nameof(WrongSeeds))]
    public async Task A_wrong_seed_is_refused(string mistake, string seed, string told)
    {
        await using var world = await WorldAsync();
        await world.Database.ExecuteAsync(
            """
            create table other (id uuid primary key);
            create function grade_of(uuid) returns text language sql stable as $$ select 'small' from other limit 1 $$
            """);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new GradedTallyV2(seed)));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var before = await world.RowsAsync(new VersionId(TallyWorld.Tally, 1), Streams);

        await World.AskToBuildAsync(system, "tally", 2);
        var refused = await world.UntilAsync("tally", 2, version => version.State == VersionState.Failed || version.SeedAgrees is not null, $"refused, although its seed {mistake}");

        (refused.Failure ?? refused.SeedFinding)!.ShouldContain(told);
        if (refused.State == VersionState.Failed)
        {
            var isThere = await world.Database.ScalarAsync<bool>("select to_regclass('tally_v2') is not null");
            (isThere ? await world.Database.ScalarAsync<long>("select count(*) from tally_v2") : 0).ShouldBe(0);
        }
        else
        {
            refused.SeedAgrees.ShouldBe(false, refused.SeedFinding);
            var gate = (await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 2))).Failures.ShouldHaveSingleItem();
            gate.Gate.ShouldBe("seed-proven");
            gate.Problem.ShouldContain(told);
        }

        (await world.RowsAsync(new VersionId(TallyWorld.Tally, 1), Streams)).ShouldBe(before);
        await new AbortCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
    }

    [PostgresFact]
    public async Task A_handler_that_counts_otherwise_than_the_live_one_is_found_although_the_rows_agree()
    {
        await using var world = await WorldAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new GradedTallyV2(GradedTallyV2.RightSeed) { CountsOtherwise = true }));
        // As a command in a terminal starts one for itself.
        await using var worker = Worker.Start(system, TallyWorld.Tally);
        await world.BuildAndSwitchAsync(system, "tally", 1);

        await World.AskToBuildAsync(system, "tally", 2);
        var proved = await world.UntilAsync("tally", 2, version => version.SeedAgrees is not null, "proved");

        proved.SeedAgrees.ShouldBe(false);
        proved.SeedFinding.ShouldStartWith($"Of {Streams} rows that were folded from their events, ");
        proved.SeedFinding!.ShouldContain("differ (events in ");
    }

    [PostgresFact]
    public async Task Reads_do_not_move_before_the_proof_and_a_switch_that_was_asked_for_waits_for_it()
    {
        await using var world = await WorldAsync();
        var source = new CountedSource(await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero }));
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new GradedTallyV2(GradedTallyV2.RightSeed)), source: source);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var before = source.Read;
        var another = await world.ConnectAsync("another worker at the proof");
        await using (var prove = new Npgsql.NpgsqlCommand("select pg_advisory_lock(x'73656564'::int, hashtext('tally v2'))", another))
        {
            await prove.ExecuteNonQueryAsync();
        }

        await new RebuildCommand { Projection = TallyWorld.Tally, To = 2, SwitchWhenReady = true }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        var refused = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 2));
        var readBefore = source.Read - before;
        await another.DisposeAsync();
        await world.BecomesAsync("tally", 2, VersionState.Live);

        refused.Failures.ShouldContain(failure => failure.ToString() ==
            "seed-proven: the rows of tally v2 were taken from v1, and are not proved to be right yet. Let a worker ('projections run') compare them; it does as soon as both are in the lockstep.");
        readBefore.ShouldBe(0);
        (source.Read - before).ShouldBeGreaterThanOrEqualTo(EventsOf(Streams).Count());
    }

    [PostgresFact]
    public async Task A_worker_that_is_cut_off_in_the_middle_leaves_nothing_and_the_next_one_begins_again()
    {
        await using var world = await WorldAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new GradedTallyV2(GradedTallyV2.RightSeed)));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await using (var holder = await world.ConnectAsync("holds what the seed reads beside the rows"))
        {
            await using var transaction = await holder.BeginTransactionAsync();
            await using (var hold = new Npgsql.NpgsqlCommand("lock table projections.given_up in access exclusive mode", holder, transaction))
            {
                await hold.ExecuteNonQueryAsync();
            }

            await World.AskToBuildAsync(system, "tally", 2);
            const string Waiting = "from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'with seed as (%'";
            await world.EventuallyAsync($"select count(*) {Waiting}", 1L);
            await world.Database.ExecuteAsync($"select pg_terminate_backend(pid) {Waiting}");
            (await world.Database.ScalarAsync<bool>("select position_major is null and seeded_from is null from projections.version where number = 2")).ShouldBeTrue();
        }

        var proved = await world.UntilAsync("tally", 2, version => version.SeedAgrees is not null, "proved");

        proved.SeedAgrees.ShouldBe(true, proved.SeedFinding);
        (await world.RowsAsync(V2, Streams)).Count.ShouldBe(Streams);
    }

    [PostgresFact]
    public async Task What_the_live_versions_rows_may_lack_is_handed_on_with_them()
    {
        await using var world = await WorldAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new GradedTallyV2(GradedTallyV2.RightSeed)));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.Database.ExecuteAsync("insert into projections.given_up values ('tally', 1, 900017, 900019, now()), ('tally', 1, 900040, 900040, now())");

        await world.BuildAsync(system, "tally", 2);

        (await world.ColumnAsync("select concat(first, '-', last) from projections.given_up where number = 2 order by first")).ShouldBe(["900017-900019", "900040-900040"]);
    }

    [PostgresFact]
    public async Task Rows_that_lack_events_which_were_set_aside_are_no_seed()
    {
        await using var world = await WorldAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(
            new TallyV1 { Policy = PoisonPolicy.SetAside, Folding = amount => _ = amount == 4 ? throw new InvalidOperationException("Not 4.") : amount },
            new GradedTallyV2(GradedTallyV2.RightSeed)));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);

        await World.AskToBuildAsync(system, "tally", 2);
        var failed = await world.UntilAsync("tally", 2, version => version.State == VersionState.Failed, "failed");

        failed.Failure!.ShouldMatch(@"^tally v2 cannot be seeded: the rows of tally v1 lack \d+ events that were set aside\. ");
    }

    [PostgresFact]
    public async Task Events_that_the_live_version_does_not_handle_are_folded_over_its_rows()
    {
        await using var world = await WorldAsync();
        await MarkAsync(world);
        var registry = ProjectionRegistry.Of(new TallyV1(), new MarkedTallyV2((row, amount) => row.Mark += amount));
        var system = await world.OpenAsync(registry);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);

        await world.BuildAsync(system, "tally", 2);
        var proved = await world.UntilAsync("tally", 2, version => version.SeedAgrees is not null, "proved");

        proved.SeedAgrees.ShouldBe(true, proved.SeedFinding);
        proved.EventsDone.ShouldBe(Streams + 1);
        (await world.AuditAsync("tally", 2)).ShouldContain(line => line.EndsWith(" events that it does not handle were folded over them (marked)", StringComparison.Ordinal));
        (await world.RowsAsync(V2, Streams)).ShouldBe(await world.UndisturbedAsync(postgres, registry, V2, Streams));
    }

    [PostgresFact]
    public async Task Events_that_have_to_be_folded_in_their_order_come_too_late_and_the_proof_finds_it()
    {
        await using var world = await WorldAsync();
        await MarkAsync(world);
        // What the total was at that moment, and not what it is in the end.
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new MarkedTallyV2((row, _) => row.Mark = row.Total)));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);

        await World.AskToBuildAsync(system, "tally", 2);
        var proved = await world.UntilAsync("tally", 2, version => version.SeedAgrees is not null, "proved");

        proved.SeedAgrees.ShouldBe(false);
        proved.SeedFinding.ShouldBe($"Of {Streams} rows that were folded from their events, {Streams} differ (mark in {Streams}).");
    }

    [PostgresFact]
    public async Task Events_that_the_live_version_does_not_handle_and_that_need_a_row_are_refused_once_there_are_some()
    {
        await using var world = await WorldAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new MarkedTallyV2((row, amount) => row.Mark += amount, WhenMissing.Fail)));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var first = await world.BuildAsync(system, "tally", 2);
        await new AbortCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);

        await MarkAsync(world);
        await world.EventuallyAsync("select position_major from projections.version where number = 1", await world.Database.ScalarAsync<long>("select max(seq_id) from events.mt_events"));
        await World.AskToBuildAsync(system, "tally", 2);
        var failed = await world.UntilAsync("tally", 2, version => version.State == VersionState.Failed, "failed");

        first.SeededFrom.ShouldBe(1);
        failed.Failure!.ShouldContain($"('marked') otherwise than by 'Updates(…, WhenMissing.Skip)', and there are such events, the first at position {EventsOf(Streams).Count() + 1}: folded over its rows, they would come too late.");
        (await world.Database.ScalarAsync<bool>("select to_regclass('tally_v2') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task Without_a_live_version_history_is_replayed_and_a_plan_says_which_it_will_be()
    {
        await using var world = await WorldAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new GradedTallyV2(GradedTallyV2.RightSeed)));
        world.Start(system);

        var without = await new Plan(system).RunAsync(TallyWorld.Tally, 2, CancellationToken.None);
        var replayed = await world.BuildAsync(system, "tally", 2);
        await new AbortCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var with = await new Plan(system).RunAsync(TallyWorld.Tally, 2, CancellationToken.None);

        without.Replay.ShouldBe(ReplayNeed.Full);
        without.Remarks.ShouldContain("projections/Tally/V2/seed.sql is left aside, as no version is live whose rows it could take: all of history is replayed.");
        replayed.SeededFrom.ShouldBeNull();
        with.Replay.ShouldBe(ReplayNeed.Seed);
        with.EventsInAll.ShouldBe(0);
        with.Remarks.ShouldContain(
            "Once it is ready, a worker compares all rows with those of tally v1, and 4,603 rows (or all, where there are fewer) in all columns with a fold of their events: "
            + "a mistake in more than 0.1 % of the rows is found with 99 % certainty. The switch waits for both. Only the streams of those rows are read for it.");
    }

    [PostgresFact]
    public async Task Who_asks_for_it_has_history_replayed_though_there_is_a_seed_once()
    {
        await using var world = await WorldAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new GradedTallyV2("insert into tally_v2 select where it fails")));
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await World.AskToBuildAsync(system, "tally", 2);
        var failed = await world.UntilAsync("tally", 2, version => version is { State: VersionState.Failed, IsLeased: false }, "failed");
        var fromEvents = new RebuildCommand { Projection = TallyWorld.Tally, To = 2, FromEvents = true };

        await (fromEvents with { Anew = true, Shards = 2 }).RunAsync(system, World.Someone, CancellationToken.None);
        var replayed = await world.BecomesAsync("tally", 2, VersionState.Ready);
        var again = await fromEvents.RunAsync(system, World.Someone, CancellationToken.None);
        await world.StopAsync(worker);
        await new AbortCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await World.AskToBuildAsync(system, "tally", 2);
        var refused = await Should.ThrowAsync<OperationRefused>(fromEvents.RunAsync(system, World.Someone, CancellationToken.None));

        failed.Failure!.ShouldContain("seed.sql fails");
        (replayed.SeededFrom, replayed.AwaitsSeedProof, again.AlreadyDone).ShouldBe((null, false, true));
        (await world.Database.ScalarAsync<bool>("select from_events from projections.version where number = 2")).ShouldBeFalse("the next rebuild is as ever");
        refused.Message.ShouldBe("Cannot rebuild tally v2 from events: it is planned, and begins with the rows of another version (seed.sql). Run 'projections abort tally --version 2' first.");
        (await ProjectionReport.ReadAsync(system, TallyWorld.Tally, CancellationToken.None)).Single().Seeds.ShouldBe([2]);
    }

    private async Task<World> WorldAsync()
    {
        var world = await World.CreateAsync(postgres);
        await world.Store.SeedAsync(EventsOf(Streams));
        return world;
    }

    /// <summary>Marks each stream, and one that has no row, and adds 1 to each afterwards.</summary>
    private static async Task MarkAsync(World world)
    {
        for (var stream = 0; stream <= Streams; stream++)
        {
            await world.Store.AppendAsync(new StreamId(TallyWorld.StreamOf(stream)), [(MarkedTallyV2.Mark, $$"""{"amount":{{stream}}}""")]);
        }

        for (var stream = 0; stream < Streams; stream++)
        {
            await world.AddAsync(TallyWorld.StreamOf(stream), 1);
        }
    }

    /// <summary>Streams of one to seven events, whose totals are spread around 10.</summary>
    private static IEnumerable<MartenEvent> EventsOf(int streams) =>
        from stream in Enumerable.Range(0, streams)
        from number in Enumerable.Range(1, (stream % 7) + 1)
        select new MartenEvent(new StreamId(TallyWorld.StreamOf(stream)), number, TallyEvents.Added, $$"""{"amount":{{(stream + number) % 5}}}""", DateTime.UnixEpoch);
}
