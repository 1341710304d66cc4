using Projections.Events;
using Projections.TestServers;
using static Projections.PostgresEvents.Tests.Heads.NumberedTable.Writer;

namespace Projections.PostgresEvents.Tests.Heads;

public sealed class LateCommitTests
{
    [PostgresFact]
    public async Task A_source_that_has_only_begun_to_look_says_so_where_it_cannot_prove_how_far_the_head_is()
    {
        await using var table = await NumberedTable.CreateAsync(graceTime: TimeSpan.FromHours(1));
        await table.AppendAsync();
        await using var whole = await table.OpenAsync();
        (await whole.GetSafeHeadAsync(CancellationToken.None)).IsAtLeast.ShouldBeFalse();

        await table.Database.ExecuteAsync("SELECT nextval('events_n_seq')");
        await table.AppendAsync();

        await using var gap = await table.OpenAsync();
        (await gap.GetSafeHeadAsync(CancellationToken.None)).IsAtLeast.ShouldBeTrue();
        (await whole.GetSafeHeadAsync(CancellationToken.None)).IsAtLeast.ShouldBeFalse("it has seen everything before the gap");
    }

    [PostgresFact]
    public async Task The_head_stays_below_a_number_whose_transaction_is_open_and_names_it()
    {
        await using var table = await NumberedTable.CreateAsync();
        await using var source = await table.OpenAsync();
        await table.AppendAsync();
        await using var late = await table.BeginAsync("slow importer");
        await late.RunAsync(Insert);
        await table.AppendAsync();

        var held = await source.GetSafeHeadAsync(CancellationToken.None);

        held.Position.ShouldBe(new EventPosition(1));
        held.Highest.ShouldBe(new EventPosition(3));
        held.Hold.ShouldNotBeNull().NextPosition.ShouldBe(new EventPosition(2));
        held.Hold.Reason.ShouldContain($"process {late.ProcessId} 'slow importer', idle in transaction, transaction open for");

        await late.RunAsync("COMMIT");
        var free = await source.GetSafeHeadAsync(CancellationToken.None);
        free.ShouldBe(new SafeHead(new EventPosition(3), new EventPosition(3)));
    }

    [PostgresFact]
    public async Task A_number_that_was_rolled_back_is_passed_at_the_next_look()
    {
        await using var table = await NumberedTable.CreateAsync();
        await using var source = await table.OpenAsync();
        await using var late = await table.BeginAsync();
        await late.RunAsync(Insert);
        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(0);

        await late.RunAsync("ROLLBACK");

        (await PositionAsync(source)).ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_number_drawn_before_the_transaction_wrote_anything_is_waited_for()
    {
        await using var table = await NumberedTable.CreateAsync();
        await using var source = await table.OpenAsync();
        await using var late = await table.BeginAsync();
        await late.RunAsync("SELECT nextval('events_n_seq')");
        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(0);

        await late.RunAsync("INSERT INTO events (n) VALUES (1)");
        await late.RunAsync("COMMIT");

        (await PositionAsync(source)).ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_number_drawn_inside_a_savepoint_that_was_rolled_back_is_waited_for_to_the_transactions_end()
    {
        await using var table = await NumberedTable.CreateAsync();
        await using var source = await table.OpenAsync();
        await using var late = await table.BeginAsync();
        await late.RunAsync("SAVEPOINT s; SELECT nextval('events_n_seq'); ROLLBACK TO SAVEPOINT s");
        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(0);

        await late.RunAsync("INSERT INTO events (n) VALUES (1)");
        (await PositionAsync(source)).ShouldBe(0);
        await late.RunAsync("COMMIT");

        (await PositionAsync(source)).ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_transaction_that_is_prepared_while_it_is_waited_for_is_waited_for_under_its_new_id()
    {
        await using var table = await NumberedTable.CreateAsync();
        await using var source = await table.OpenAsync();
        await using var late = await table.BeginAsync();
        await late.RunAsync(Insert);
        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(0);

        await late.RunAsync("PREPARE TRANSACTION 'late'");
        var held = await source.GetSafeHeadAsync(CancellationToken.None);
        held.Position.ShouldBe(EventPosition.BeforeFirst);
        held.Hold.ShouldNotBeNull().Reason.ShouldContain("prepared transaction");
        (await PositionAsync(source)).ShouldBe(0);

        await late.RunAsync("COMMIT PREPARED 'late'");
        (await PositionAsync(source)).ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_transaction_that_was_prepared_before_the_source_was_opened_is_waited_for()
    {
        await using var table = await NumberedTable.CreateAsync();
        await using var late = await table.BeginAsync();
        await late.RunAsync($"{Insert}; PREPARE TRANSACTION 'earlier'");
        await table.AppendAsync();
        await using var source = await table.OpenAsync();
        (await PositionAsync(source)).ShouldBe(0);

        await late.RunAsync("ROLLBACK PREPARED 'earlier'");

        (await PositionAsync(source)).ShouldBe(2);
    }

    [PostgresFact]
    public async Task Writers_of_a_partitioned_table_are_waited_for_also_when_they_write_a_partition_directly()
    {
        await using var table = await NumberedTable.CreateAsync(isPartitioned: true, graceTime: TimeSpan.FromTicks(1));
        await using var source = await table.OpenAsync();
        await using var drawing = await table.BeginAsync();
        await drawing.RunAsync("SELECT nextval('events_n_seq'); COMMIT");
        await using var late = await table.BeginAsync();
        await late.RunAsync("INSERT INTO events_1 (n, part) VALUES (1, 1)");
        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(0);

        await late.RunAsync("COMMIT");

        (await PositionAsync(source)).ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_writer_that_never_ends_does_not_hold_back_what_came_before_it()
    {
        await using var table = await NumberedTable.CreateAsync();
        await using var source = await table.OpenAsync();
        await using (var dead = await table.BeginAsync())
        {
            await dead.RunAsync($"{Insert}; ROLLBACK");
        }

        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(2);
        await using var endless = await table.BeginAsync();
        await table.AppendAsync();
        await endless.RunAsync(Insert);
        await table.AppendAsync();

        (await PositionAsync(source)).ShouldBe(3);
    }

    [PostgresFact]
    public async Task A_gap_is_passed_when_those_who_wrote_when_it_was_seen_have_ended_although_others_write_on()
    {
        await using var table = await NumberedTable.CreateAsync();
        await using var source = await table.OpenAsync();
        await using var first = await table.BeginAsync();
        await first.RunAsync(Insert);
        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(0);
        await using var second = await table.BeginAsync();
        await second.RunAsync(Insert);

        await first.RunAsync("ROLLBACK");

        (await PositionAsync(source)).ShouldBe(2);
    }

    [PostgresFact]
    public async Task Without_an_index_on_the_position_the_head_rises_by_proof_alone()
    {
        await using var table = await NumberedTable.CreateAsync(isIndexed: false);
        await using var source = await table.OpenAsync();
        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(1);
        await using var late = await table.BeginAsync();
        await late.RunAsync(Insert);
        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(1);

        await late.RunAsync("COMMIT");

        (await PositionAsync(source)).ShouldBe(3);
    }

    [PostgresFact]
    public async Task A_number_drawn_ahead_of_its_transaction_is_waited_for_for_the_grace_time()
    {
        await using var table = await NumberedTable.CreateAsync(graceTime: TimeSpan.FromSeconds(3));
        var time = new ManualTime();
        await using var source = await table.OpenAsync(new PostgresEventSourceOptions { Time = time });
        await table.Database.ExecuteAsync("SELECT nextval('events_n_seq')");
        await table.AppendAsync();

        var held = await source.GetSafeHeadAsync(CancellationToken.None);
        held.Position.ShouldBe(EventPosition.BeforeFirst);
        held.Hold.ShouldNotBeNull().Reason.ShouldBe(
            "a number is missing, and test may have drawn it before its transaction; it is waited for for 3 s");

        time.Advance(TimeSpan.FromSeconds(2.9));
        (await PositionAsync(source)).ShouldBe(0);
        time.Advance(TimeSpan.FromSeconds(0.2));
        (await PositionAsync(source)).ShouldBe(2);
    }

    [PostgresFact]
    public async Task Within_the_grace_time_the_late_event_is_seen()
    {
        await using var table = await NumberedTable.CreateAsync(graceTime: TimeSpan.FromSeconds(3));
        await using var source = await table.OpenAsync(new PostgresEventSourceOptions { Time = new ManualTime() });
        await table.Database.ExecuteAsync("SELECT nextval('events_n_seq')");
        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(0);

        await table.Database.ExecuteAsync("INSERT INTO events (n) VALUES (1)");

        (await PositionAsync(source)).ShouldBe(2);
    }

    [PostgresFact]
    public async Task Old_gaps_are_not_waited_for_when_a_reader_starts_on_a_long_history()
    {
        await using var table = await NumberedTable.CreateAsync(graceTime: TimeSpan.FromSeconds(3));
        await table.Database.ExecuteAsync(
            """
            INSERT INTO events (n) SELECT n FROM generate_series(1, 150000) AS n WHERE n NOT IN (10, 49000, 149000);
            SELECT setval('events_n_seq', 150000);
            """);
        var time = new ManualTime();
        await using var source = await table.OpenAsync(new PostgresEventSourceOptions { Time = time });

        (await PositionAsync(source)).ShouldBe(148_999);
        time.Advance(TimeSpan.FromSeconds(3));
        (await PositionAsync(source)).ShouldBe(150_000);
    }

    [PostgresFact]
    public async Task A_store_that_was_emptied_or_restored_shows_its_true_head()
    {
        await using var table = await NumberedTable.CreateAsync();
        await using var source = await table.OpenAsync();
        await table.AppendAsync();
        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(2);

        await table.Database.ExecuteAsync("TRUNCATE events RESTART IDENTITY");
        var empty = await source.GetSafeHeadAsync(CancellationToken.None);
        empty.ShouldBe(new SafeHead(EventPosition.BeforeFirst, EventPosition.BeforeFirst));

        await table.AppendAsync();
        (await PositionAsync(source)).ShouldBe(1);
    }

    [PostgresFact]
    public async Task Numbers_that_a_crash_skipped_do_not_stop_the_head()
    {
        await using var table = await NumberedTable.CreateAsync();
        await using var source = await table.OpenAsync();
        await table.AppendAsync();

        // After a crash the sequence goes on behind the 32 numbers that were logged ahead.
        await table.Database.ExecuteAsync("SELECT setval('events_n_seq', 33)");
        await table.AppendAsync();

        (await PositionAsync(source)).ShouldBe(34);
    }

    private static async Task<long> PositionAsync(PostgresEventSource source)
    {
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        return Math.Max(0, head.Position.Major);
    }
}
