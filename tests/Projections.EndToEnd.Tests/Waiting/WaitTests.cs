using Npgsql;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.LateEvents;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.PostgresEvents;
using Projections.Testing;
using Projections.TestServers;
using Projections.Waiting;

namespace Projections.EndToEnd.Waiting;

/// <summary>Applications that read what they have just written.</summary>
public sealed class WaitTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly Guid Stream = TallyWorld.StreamOf(3);

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [PostgresFact]
    public async Task Whoever_waited_for_an_event_reads_it()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        foreach (var reference in (Func<long, EventReference>[])[
            position => new EventReference.AtPosition(new EventPosition(position)),
            _ => new EventReference.InStream(new StreamId(Stream), 7)])
        {
            var before = await TotalAsync(world);
            var position = await world.AddAsync(Stream, 10);

            var result = await WaitAsync(system, reference(position), WaitForEvent.Longest);

            result.ShouldBe(new WaitResult(new EventPosition(position), new EventPosition(position), null));
            (await TotalAsync(world)).ShouldBe(before + 10);
        }
    }

    [PostgresFact]
    public async Task An_event_is_found_by_its_id_where_there_is_an_index_of_them()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var position = await world.AddAsync(Stream, 10);
        var id = await world.Database.ScalarAsync<Guid>($"select id from events.mt_events where seq_id = {position}");

        var refused = await Should.ThrowAsync<EventSourceUnusable>(() => WaitAsync(system, new EventReference.WithId(id), Short));
        refused.Message.ShouldContain("CREATE UNIQUE INDEX CONCURRENTLY ON \"events\".\"mt_events\" (\"id\");");
        await world.Database.ExecuteAsync("create unique index on events.mt_events (id)");

        var another = await world.OpenAsync(TallyWorld.Both);
        (await WaitAsync(another, new EventReference.WithId(id), WaitForEvent.Longest)).Event.ShouldBe(new EventPosition(position));
    }

    [PostgresFact]
    public async Task As_long_as_the_rows_are_not_committed_nobody_is_told_that_they_are_there()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var seen = (await world.Catalog.ReadAsync(TallyWorld.Tally, CancellationToken.None))!.Find(1)!.Checkpoint;
        await using var holder = await world.ConnectAsync("holds the row");
        await using var hold = await holder.BeginTransactionAsync();
        await using (var locking = new NpgsqlCommand($"select from tally_v1 where id = '{Stream}' for update", holder))
        {
            await locking.ExecuteNonQueryAsync();
        }

        var position = await world.AddAsync(Stream, 10);
        var asked = new EventReference.AtPosition(new EventPosition(position));
        var early = await WaitAsync(system, asked, Short);
        var waiting = WaitAsync(system, asked, WaitForEvent.Longest);
        await hold.RollbackAsync();

        early.ShouldBe(new WaitResult(new EventPosition(position), seen, $"'tally' v1 is at {seen}, the event at {position}."));
        (await waiting).IsShown.ShouldBeTrue();
        (await TotalAsync(world)).ShouldBe(15);
    }

    [PostgresFact]
    public async Task What_is_waited_for_need_not_be_in_the_store_yet()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var asked = new EventReference.InStream(new StreamId(Stream), 6);

        (await WaitAsync(system, asked, Short)).Missing.ShouldBe($"There is no event with version 6 of stream '{Stream}' in marten events.mt_events, or none that can be seen yet.");
        var waiting = WaitAsync(system, asked, WaitForEvent.Longest);
        await world.AddAsync(Stream, 10);

        (await waiting).IsShown.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task An_event_behind_the_checkpoint_is_not_shown_before_it_is_folded_in()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var source = await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.FromMilliseconds(150) });
        var system = await world.OpenAsync(TallyWorld.Both, source: source);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var append = await RichAppend.DrawAsync(world.Sql, Stream);
        await world.AddAsync(TallyWorld.StreamOf(50), 0);
        await world.UntilAsync("tally", 1, version => version.Checkpoint > new EventPosition(append.Number), $"beyond {append.Number}");

        await append.AddAsync(world.Sql, 10);
        var asked = Task.Run(() => WaitAsync(system, new EventReference.InStream(new StreamId(Stream), 6), WaitForEvent.Longest));
        var inSql = Task.Run(() => world.Database.ScalarAsync<bool>($"select projections.wait_for('tally', {append.Number}, interval '1 minute')"));

        (await asked).IsShown.ShouldBeTrue();
        (await TotalAsync(world)).ShouldBe(15);
        (await inSql).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task An_event_that_became_a_dead_letter_is_not_shown()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1
        {
            Policy = PoisonPolicy.SetAside,
            Folding = amount => ArgumentOutOfRangeException.ThrowIfEqual(amount, 13),
        }));
        world.Start(system);
        await world.SeedTalliesAsync(500);
        await world.BuildAndSwitchAsync(system, "tally", 1);

        var bad = await world.AddAsync(Stream, 13);
        await WaitAsync(system, new EventReference.AtPosition(new EventPosition(await world.AddAsync(Stream, 1))), WaitForEvent.Longest);

        (await WaitAsync(system, new EventReference.AtPosition(new EventPosition(bad)), Short)).Missing
            .ShouldBe($"The event at {bad} is a dead letter of 'tally' v1; it comes into the rows when a retry works.");
        (await world.Database.ScalarAsync<bool>($"select projections.wait_for('tally', {bad}, interval '0')")).ShouldBeFalse();
    }

    [PostgresFact]
    public async Task What_cannot_be_waited_for_is_told()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        var first = new EventReference.AtPosition(new EventPosition(1));

        (await Should.ThrowAsync<OperationRefused>(() => WaitAsync(system, first, WaitForEvent.Longest))).Message
            .ShouldBe("There is no projection 'tally' in the catalog: it was never built.");
        (await Should.ThrowAsync<PostgresException>(() => world.Database.ScalarAsync<bool>("select projections.wait_for('tally', 1)"))).MessageText
            .ShouldBe("there is no projection \"tally\"");
        await world.BuildAsync(system, "tally", 1);
        (await WaitAsync(system, first, Short)).Missing.ShouldBe("'tally' has no live version yet: its read name comes with the first switch.");
        (await Should.ThrowAsync<OperationRefused>(() => WaitAsync(system, first, TimeSpan.FromHours(1)))).Message
            .ShouldBe("A wait takes more than nothing and at most 60 seconds.");
    }

    [PostgresFact]
    public async Task A_role_without_rights_on_the_catalog_waits_in_sql_where_what_comes_can_be_seen()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        var position = await world.AddAsync(Stream, 10);
        await world.Database.ExecuteAsync("create role waits_in_sql; grant usage on schema projections to waits_in_sql");
        try
        {
            await using var connection = await world.ConnectAsync("waits");
            await ExecuteAsync(connection, "set role waits_in_sql");
            (await ScalarAsync(connection, $"select projections.wait_for('tally', {position}, interval '1 minute')")).ShouldBeTrue();
            (await ScalarAsync(connection, $"select projections.wait_for('tally', {position + 1}, interval '50 ms')")).ShouldBeFalse();
            await ExecuteAsync(connection, "begin isolation level repeatable read");

            var refused = await Should.ThrowAsync<PostgresException>(() => ScalarAsync(connection, $"select projections.wait_for('tally', {position})"));

            refused.MessageText.ShouldBe("wait_for cannot see what comes while it waits in a transaction that is repeatable read");
            refused.Hint.ShouldBe("Call it before that transaction begins, or in one that is READ COMMITTED.");
        }
        finally
        {
            await world.Database.ExecuteAsync("drop owned by waits_in_sql; drop role waits_in_sql");
        }
    }

    [PostgresFact]
    public async Task Ten_thousand_wait_on_one_session()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var next = (await world.Catalog.ReadAsync(TallyWorld.Tally, CancellationToken.None))!.Find(1)!.Checkpoint!.Value.Major + 1;

        var waiting = Enumerable.Range(0, 10_000)
            .Select(i => WaitAsync(system, new EventReference.AtPosition(new EventPosition(next + (i % 100))), WaitForEvent.Longest)).ToList();
        var sessions = await world.Database.ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and backend_type = 'client backend'");
        for (var i = 0; i < 100; i++)
        {
            await world.AddAsync(Stream, 1);
        }

        (await Task.WhenAll(waiting)).ShouldAllBe(result => result.IsShown);
        sessions.ShouldBeLessThan(20);
    }

    private static Task<WaitResult> WaitAsync(ProjectionSystem system, EventReference reference, TimeSpan timeout) =>
        new WaitForEvent(system).RunAsync(TallyWorld.Tally, reference, timeout, CancellationToken.None);

    private static Task<long> TotalAsync(World world) => world.Database.ScalarAsync<long>($"select total from tally where id = '{Stream}'");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<bool> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
