using Npgsql;
using Projections.Commands;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>What becomes of the view under a read name, and of a table that is taken over.</summary>
public sealed class ReadNameTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresTheory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task Owner_rights_comments_and_options_survive_a_switch(int to)
    {
        await using var world = await World.CreateAsync(postgres);
        await using var roles = await Roles.CreateAsync(world);
        var (system, _) = await world.BuildBothTalliesAsync();
        if (to == 1)
        {
            await World.SwitchAsync(system, "tally", 2);
        }

        await world.Database.ExecuteAsync(
            $"""
            alter view tally owner to {roles.Owner};
            grant select on tally to {roles.Reader} with grant option;
            grant select (id) on tally to {roles.Guest};
            alter view tally set (security_invoker = true, security_barrier = true);
            comment on view tally is 'What was added.';
            comment on column tally.total is 'The sum.';
            """);
        var before = await DescribeAsync(world);

        var switched = await World.SwitchAsync(system, "tally", to);

        switched.Change!.Manner.ShouldBe(to == 2 ? ChangeManner.Replaced : ChangeManner.Recreated);
        (await DescribeAsync(world)).ShouldBe(before);
        before.ShouldContain("security_invoker=true");
        before.ShouldContain("What was added.");
    }

    [PostgresFact]
    public async Task A_kept_contract_shows_exactly_the_columns_that_were_there_until_it_is_widened()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();

        await World.SwitchAsync(system, "tally", 2, new SwitchCommand { KeepContract = true });
        (await ColumnsAsync(world)).ShouldBe(["id", "total", "events"]);
        // The contract stays until somebody widens it.
        await World.SwitchAsync(system, "tally", 1);
        await World.SwitchAsync(system, "tally", 2);
        (await ColumnsAsync(world)).ShouldBe(["id", "total", "events"]);

        var widened = await new WidenContractCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        widened.Outcome.ShouldBe("'tally' shows biggest as well.");
        (await ColumnsAsync(world)).ShouldBe(["id", "total", "events", "biggest"]);
    }

    [PostgresFact]
    public async Task A_preview_says_what_a_switch_would_do_to_the_columns()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();

        var change = await new ReadSwitch(system).PreviewAsync(new Projections.Definitions.VersionId(TallyWorld.Tally, 2), false, CancellationToken.None);

        change!.Manner.ShouldBe(ChangeManner.Replaced);
        change.Gained.ShouldBe(["biggest"]);
        change.Lost.ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task Nobody_writes_through_a_read_name()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();

        var refused = await Should.ThrowAsync<PostgresException>(world.Database.ExecuteAsync("update tally set total = 0"));

        refused.MessageText.ShouldContain("tally");
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe(500);
    }

    [PostgresFact]
    public async Task A_plain_table_is_adopted_followed_from_its_position_and_replaced()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        await world.Database.ExecuteAsync(
            """
            create table tally (id uuid primary key, total bigint not null, events integer not null);
            comment on table tally is 'Made by hand.';
            insert into tally select stream_id, count(*), count(*) from events.mt_events where seq_id <= 300 group by 1;
            """);
        var system = await world.OpenAsync(TallyWorld.Both);

        var adopted = await new AdoptCommand { Projection = TallyWorld.Tally, At = new EventPosition(300) }.RunAsync(system, World.Someone, CancellationToken.None);

        adopted.Outcome.ShouldBe("'tally' is adopted as tally v1 and will be followed from position 300.");
        world.Start(system);
        await world.EventuallyAsync("select sum(total)::bigint from tally", 500L);
        (await world.Database.ScalarAsync<string>("select obj_description('tally'::regclass)")).ShouldBe("Made by hand.");
        await world.BuildAsync(system, "tally", 2);
        (await World.SwitchAsync(system, "tally", 2)).From.ShouldBe(1);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe(500);
    }

    [PostgresFact]
    public async Task A_table_that_another_program_maintains_is_written_by_it_until_reads_move_away()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        await world.Database.ExecuteAsync(
            """
            create table tally (id uuid primary key, total bigint not null, events integer not null);
            insert into tally select stream_id, count(*), count(*) from events.mt_events group by 1;
            """);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await new AdoptCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);

        await world.Database.ExecuteAsync($"insert into tally values ('{TallyWorld.StreamOf(1_000)}', 1, 1) on conflict (id) do update set total = tally.total + 1");
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(501);
        await world.AddAsync(TallyWorld.StreamOf(1_000), 1);

        await world.BuildAsync(system, "tally", 2);
        await World.SwitchAsync(system, "tally", 2);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe(501);
        await Should.ThrowAsync<PostgresException>(world.Database.ExecuteAsync("update tally set total = 0"));

        var unproven = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 1));
        unproven.Failures.ShouldContain(failure => failure.ToString()
            == "provable: tally v1 is written by another program, so nothing proves that its rows are current. If that program has gone on writing it, say so with '--accept-external'.");
        (await World.SwitchAsync(system, "tally", 1, new SwitchCommand { AcceptExternal = true })).To.ShouldBe(1);
    }

    [PostgresFact]
    public async Task Readers_go_on_while_the_event_source_is_asked_what_another_program_can_have_seen_and_that_one_writes_nothing()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        await world.Database.ExecuteAsync(
            """
            create table tally (id uuid primary key, total bigint not null, events integer not null);
            insert into tally select stream_id, count(*), count(*) from events.mt_events group by 1;
            """);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await new AdoptCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BuildAsync(system, "tally", 2);
        var (reads, writes) = (0, 0);
        var source = new AskedSource(system.Source, async () =>
        {
            await world.Database.ExecuteAsync("set statement_timeout = '5s'; select sum(total) from tally");
            reads++;
            try
            {
                await world.Database.ExecuteAsync("set lock_timeout = '100ms'; update tally set total = total");
                writes++;
            }
            catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                // As it should be.
            }
        });
        var switching = await world.OpenAsync(TallyWorld.Both, source: source);

        (await World.SwitchAsync(switching, "tally", 2)).From.ShouldBe(1);

        (reads, writes).ShouldBe((1, 0));
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe(500);
    }

    [PostgresFact]
    public async Task An_event_source_that_does_not_answer_keeps_another_program_from_writing_for_a_moment_only()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        await world.Database.ExecuteAsync("create table tally (id uuid primary key, total bigint not null, events integer not null)");
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await new AdoptCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BuildAsync(system, "tally", 2);
        using var dead = new CancellationTokenSource();
        var switching = await world.OpenAsync(TallyWorld.Both, source: new AskedSource(system.Source, () => Task.Delay(Timeout.Infinite, dead.Token)));

        var refused = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(switching, "tally", 2, new SwitchCommand { Patience = TimeSpan.FromSeconds(3), AllowSmaller = true }));

        refused.Failures.ShouldHaveSingleItem().Problem.ShouldBe(
            "the event source did not answer while 'tally' was kept from being written, so that nobody knows which events tally v2 must have.");
        await world.Database.ExecuteAsync("update tally set total = total");
        await dead.CancelAsync();
    }

    [PostgresFact]
    public async Task A_table_that_is_not_what_the_handler_needs_is_not_adopted()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.Database.ExecuteAsync("create table tally (id uuid primary key, total integer not null)");
        var system = await world.OpenAsync(TallyWorld.Both);

        var refused = await Should.ThrowAsync<OperationRefused>(
            new AdoptCommand { Projection = TallyWorld.Tally, At = new EventPosition(0) }.RunAsync(system, World.Someone, CancellationToken.None));

        refused.Message.ShouldStartWith("Cannot adopt 'tally' as tally v1: the table is not what the handler's row type says: ");
        refused.Message.ShouldContain("events");
        refused.Message.ShouldContain("total");
        (await world.Database.ScalarAsync<string>("select relkind::text from pg_class where relname = 'tally'")).ShouldBe("r");
    }

    private static Task<IReadOnlyList<string>> ColumnsAsync(World world) =>
        world.ColumnAsync("select attname::text from pg_attribute where attrelid = 'tally'::regclass and attnum > 0 and not attisdropped order by attnum");

    /// <summary>Everything about the view but its columns and query.</summary>
    private static Task<string> DescribeAsync(World world) => world.Database.ScalarAsync<string>(
        """
        select concat_ws(' | ', pg_get_userbyid(relowner), (select string_agg(a::text, ',' order by a::text) from unnest(relacl) a), array_to_string(reloptions, ','),
                         obj_description(oid), col_description(oid, (select attnum from pg_attribute where attrelid = c.oid and attname = 'total')),
                         (select string_agg(attname || ':' || attacl::text, ',') from pg_attribute where attrelid = c.oid and attacl is not null))
        from pg_class c where oid = 'tally'::regclass
        """);
}
