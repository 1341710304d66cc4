using Projections.Events;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Heads;

public sealed class UnprovedNumbersTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly ManualTime _time = new();

    [PostgresFact]
    public async Task Numbers_that_were_passed_by_time_are_known_to_who_has_read_past_them_and_are_found_when_they_turn_up()
    {
        await using var table = await NumberedTable.CreateAsync(graceTime: Grace);
        await using var source = await OpenAsync(table);
        await table.AppendAsync();
        await table.Database.ExecuteAsync("SELECT nextval('events_n_seq') FROM generate_series(1, 3)");
        await table.AppendAsync();
        await ReadAllAsync(source);
        Between(source).ShouldBeEmpty("nothing is given up yet");

        _time.Advance(Grace);
        (await ReadAllAsync(source)).ShouldBe(5);

        Between(source).ShouldBe([(2, 4)]);
        Between(source, 2, 3).ShouldBe([(3, 3)]);
        Between(source, 4, 5).ShouldBeEmpty();
        (await FindAsync(source)).ShouldBeEmpty();
        await table.Database.ExecuteAsync("INSERT INTO events (n) VALUES (3)");
        (await FindAsync(source)).ShouldBe([3]);
    }

    [PostgresFact]
    public async Task A_number_that_got_its_event_before_anybody_read_past_it_is_not_given_up()
    {
        await using var table = await NumberedTable.CreateAsync(graceTime: Grace);
        await using var source = await OpenAsync(table);
        await table.Database.ExecuteAsync("SELECT nextval('events_n_seq')");
        await table.AppendAsync();
        await source.GetSafeHeadAsync(CancellationToken.None);
        _time.Advance(Grace);
        (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(new EventPosition(2));

        await table.Database.ExecuteAsync("INSERT INTO events (n) VALUES (1)");
        await ReadAllAsync(source);

        Between(source).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task Where_every_gap_is_proved_dead_nothing_is_ever_given_up()
    {
        await using var table = await NumberedTable.CreateAsync();
        await using var source = await OpenAsync(table);

        source.GivenUp.ShouldBeNull();
        foreach (var mapping in new[] { EventTableMapping.Emmett(), EventTableMapping.MessageDb() })
        {
            mapping.GraceTime.ShouldBe(TimeSpan.Zero);
        }
    }

    [PostgresFact]
    public async Task A_tombstone_in_the_place_of_an_append_that_failed_costs_nobody_the_grace_time()
    {
        await using var table = await NumberedTable.CreateAsync(graceTime: Grace);
        await using var source = await OpenAsync(table);
        await table.Database.ExecuteAsync("SELECT nextval('events_n_seq')");
        await table.AppendAsync();
        (await ReadAllAsync(source)).ShouldBe(0);

        await table.Database.ExecuteAsync("INSERT INTO events (n, type) VALUES (1, 'tombstone')");

        (await ReadAllAsync(source)).ShouldBe(2);
        Between(source).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task Who_begins_on_a_long_history_knows_the_gaps_among_the_numbers_that_it_did_not_wait_for()
    {
        await using var table = await NumberedTable.CreateAsync(graceTime: Grace);
        await table.Database.ExecuteAsync(
            """
            INSERT INTO events (n) SELECT n FROM generate_series(1, 150000) AS n WHERE n NOT IN (10, 11, 49000);
            SELECT setval('events_n_seq', 150000);
            """);
        await using var source = await OpenAsync(table);

        await ReadAllAsync(source);

        Between(source).ShouldBe([(10, 11), (49_000, 49_000)]);
    }

    [PostgresFact]
    public async Task A_row_of_numbers_that_all_turn_up_is_found_in_parts()
    {
        await using var table = await NumberedTable.CreateAsync(graceTime: Grace);
        await using var source = await OpenAsync(table);
        await table.Database.ExecuteAsync("SELECT nextval('events_n_seq') FROM generate_series(1, 2500)");
        await table.AppendAsync();
        await ReadAllAsync(source);
        _time.Advance(Grace);
        await ReadAllAsync(source);
        await table.Database.ExecuteAsync("INSERT INTO events (n) SELECT n FROM generate_series(1, 2500) AS n");

        (await FindAsync(source)).ShouldBe([.. Enumerable.Range(1, 1000).Select(n => (long)n)]);
        (await source.GivenUp!.FindAsync([new GivenUpNumbers(2_001, 2_500, _time.GetUtcNow())], CancellationToken.None)).Count.ShouldBe(500);
    }

    private static List<(long First, long Last)> Between(PostgresEventSource source, long after = 0, long upTo = long.MaxValue) =>
        [.. source.GivenUp!.Between(new EventPosition(after), new EventPosition(upTo)).Select(range => (range.First, range.Last))];

    private static async Task<IReadOnlyList<long>> FindAsync(PostgresEventSource source) =>
        await source.GivenUp!.FindAsync(source.GivenUp!.Between(EventPosition.BeforeFirst, new EventPosition(long.MaxValue)), CancellationToken.None);

    /// <returns>The head up to which was read.</returns>
    private static async Task<long> ReadAllAsync(PostgresEventSource source)
    {
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None))
        {
            batch.Dispose();
        }

        return Math.Max(0, head.Position.Major);
    }

    private Task<PostgresEventSource> OpenAsync(NumberedTable table) => table.OpenAsync(new PostgresEventSourceOptions { Time = _time });
}
