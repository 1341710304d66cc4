using Npgsql;
using Projections.Events;
using Projections.PostgresEvents.Reading;
using Projections.PostgresEvents.Tests.Heads;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Reading;

public sealed class SparseRangeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Each row that the server looks at takes it a millisecond or more, as on a cold disk; nothing is sent before it finds the last.</summary>
    [PostgresFact]
    public async Task One_wanted_event_behind_very_many_others_is_found_however_slowly_the_server_gets_there()
    {
        await using var table = await NumberedTable.CreateAsync();
        await table.Database.ExecuteAsync(
            """
            INSERT INTO events SELECT FROM generate_series(1, 3000);
            INSERT INTO events (type) VALUES ('wanted');
            CREATE FUNCTION slowly() RETURNS boolean LANGUAGE plpgsql VOLATILE AS 'begin perform pg_sleep(0.001); return true; end';
            ALTER TABLE events ENABLE ROW LEVEL SECURITY;
            ALTER TABLE events FORCE ROW LEVEL SECURITY;
            CREATE POLICY cold ON events USING (slowly());
            DROP ROLE IF EXISTS sparse_reader;
            CREATE ROLE sparse_reader;
            GRANT SELECT ON events TO sparse_reader;
            GRANT SELECT ON SEQUENCE events_n_seq TO sparse_reader;
            """);
        await using var reading = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(table.Database.ConnectionString) { Options = "-c role=sparse_reader", ApplicationName = "sparse" });
        await using var source = await PostgresEventSource.OpenAsync(reading, table.Mapping, new PostgresEventSourceOptions { ReadPatience = TimeSpan.FromSeconds(1) });

        var found = await ReadAsync(source, 3_001).WaitAsync(Patience);

        found.ShouldBe([3_001]);
        // What was called off does not go on in the server.
        while (await table.Database.ScalarAsync<long>("select count(*) from pg_stat_activity where application_name = 'sparse' and state = 'active'") > 0)
        {
            await Task.Delay(20);
        }
    }

    [PostgresFact]
    public async Task A_server_that_sends_nothing_however_little_is_asked_for_is_told_of_and_left_in_peace()
    {
        await using var table = await NumberedTable.CreateAsync();
        await table.AppendAsync();
        await using var source = await table.OpenAsync(new PostgresEventSourceOptions { ReadPatience = TimeSpan.FromMilliseconds(200), RangeSize = 400 });
        await using var locking = await table.BeginAsync();
        await locking.RunAsync("LOCK TABLE events IN ACCESS EXCLUSIVE MODE");

        var error = await Should.ThrowAsync<EventSourceUnavailable>(() => ReadAsync(source, 1).WaitAsync(Patience));

        error.Message.ShouldBe(
            "The server of the event table \"public\".\"events\" has sent nothing for 0.2 s when asked for 1 positions after 0. "
            + "Look for locks on the table (pg_locks), and at the server's disk.");
        // The server is asked to end it, and does so in its own time.
        const string Copies = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'COPY%'";
        await Deadline.UntilAsync(() => table.Database.ScalarAsync<long>(Copies), copies => copies == 0, "no COPY that still waits");
    }

    [Fact]
    public void A_range_grows_while_few_events_are_quickly_found_and_shrinks_to_where_there_is_an_answer()
    {
        var size = new RangeSize(200_000);

        size.Read(events: 1, TimeSpan.FromSeconds(0.5));
        size.Positions.ShouldBe(400_000);
        size.Read(events: 1, TimeSpan.FromSeconds(10));
        size.Positions.ShouldBe(200_000);
        size.Read(events: 200_000, TimeSpan.FromSeconds(0.5));
        size.Positions.ShouldBe(200_000);
        for (var i = 0; i < 100; i++)
        {
            size.Read(events: 0, TimeSpan.Zero);
        }

        size.Positions.ShouldBe(RangeSize.Largest);
        var tries = 0;
        while (size.TryShrink())
        {
            tries++;
        }

        (tries, size.Positions).ShouldBe((9, 100));
    }

    private static async Task<List<long>> ReadAsync(PostgresEventSource source, long upTo)
    {
        var found = new List<long>();
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, new EventPosition(upTo), EventFilter.OfTypes("wanted"), CancellationToken.None))
        {
            foreach (ref readonly var one in batch.Events)
            {
                found.Add(one.Position.Major);
            }

            batch.Dispose();
        }

        return found;
    }
}
