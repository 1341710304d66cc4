using Npgsql;
using Projections.Events;
using Projections.PostgresEvents.Standbys;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Standbys;

public sealed class StandbyTests
{
    private const int Many = 20_000;
    private const string LeftToPrimary = "is put to the primary server";

    // Enough that a COPY of all events does not fit into what lies between a server and a reader who rests.
    private const string Large = "to_jsonb(repeat(md5(random()::text), 45))";

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task History_is_read_from_the_standby_as_soon_as_that_has_what_the_primary_had()
    {
        await using var events = await EventsOnStandby.StartAsync();
        await events.Servers.CatchUpAsync();
        await events.AskStandbyAsync<object>("SELECT pg_wal_replay_pause()");
        await events.AppendAsync(1_000);
        await using var source = await events.OpenAsync();

        var reading = EventsOnStandby.ReadAsync(source);
        await EventsOnStandby.UntilToldAsync(source, "has still to replay");
        reading.IsCompleted.ShouldBeFalse();
        await events.AskStandbyAsync<object>("SELECT pg_wal_replay_resume()");

        (await reading).ShouldBe(Numbers(1_000));
        (await source.History.DescribeHistoryAsync(CancellationToken.None)).ShouldStartWith("history is read from the standby 127.0.0.1:");
        await Deadline.UntilAsync(events.ReadOnStandbyAsync, looks => looks > 0, "read the events on the standby");
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task Nothing_is_skipped_where_transactions_commit_late_and_the_standby_lags()
    {
        await using var events = await EventsOnStandby.StartAsync(("recovery_min_apply_delay", "300ms"));
        await using var source = await events.OpenAsync();

        var writing = Task.WhenAll(Enumerable.Range(0, 6).Select(seed => WriteAsync(events.Primary, seed)));
        var (read, at) = (new List<long>(), EventPosition.BeforeFirst);
        bool isLast;
        do
        {
            isLast = writing.IsCompleted;
            var head = await source.GetSafeHeadAsync(CancellationToken.None);
            await foreach (var batch in source.History.ReadAsync(at, head.Position, EventFilter.All, CancellationToken.None))
            {
                using (batch)
                {
                    read.AddRange(batch.Memory.ToArray().Select(one => one.Position.Major));
                    at = batch.Through;
                }
            }
        }
        while (!isLast);

        await writing;
        read.ShouldBe(await StandbyPair.ScalarAsync<long[]>(events.Primary, "SELECT array_agg(n ORDER BY n) FROM events"));
        await Deadline.UntilAsync(events.ReadOnStandbyAsync, looks => looks > 0, "read the events on the standby");
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task A_number_that_turned_up_before_it_was_looked_for_on_the_primary_is_in_what_the_standby_gives()
    {
        await using var events = await EventsOnStandby.StartAsync();
        var time = new ManualTime();
        await using var source = await events.OpenAsync(graceTime: TimeSpan.FromSeconds(3), time: time);
        await events.RunAsync("SELECT nextval('events_n_seq')");
        await events.AppendAsync(2);
        (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(EventPosition.BeforeFirst);
        time.Advance(TimeSpan.FromSeconds(4));
        (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(new EventPosition(3));

        await events.Servers.CatchUpAsync();
        await events.AskStandbyAsync<object>("SELECT pg_wal_replay_pause()");
        await events.RunAsync("INSERT INTO events (n) VALUES (1)");
        var reading = EventsOnStandby.ReadAsync(source);
        await EventsOnStandby.UntilToldAsync(source, "has still to replay");
        await events.AskStandbyAsync<object>("SELECT pg_wal_replay_resume()");
        await Deadline.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                return reading.IsCompleted;
            },
            isRead => isRead,
            "end the reading");

        (await reading).ShouldBe(Numbers(3));
        source.GivenUp.ShouldNotBeNull().Between(EventPosition.BeforeFirst, new EventPosition(3)).ShouldBeEmpty("it was there when it was looked for");
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task Which_of_many_numbers_are_missing_is_looked_for_on_the_standby()
    {
        await using var events = await EventsOnStandby.StartAsync();
        await AppendWithGapsAsync(events);

        // On a busy machine the standby may be too far behind to be asked.
        await Deadline.UntilAsync(
            async () =>
            {
                var before = events.Log.Lines.Count;
                await using var source = await OpenSettledAsync(events);
                (await EventsOnStandby.ReadAsync(source)).Count.ShouldBe(Many - 3);
                GivenUp(source).ShouldBe([(10, 11), (4_000, 4_000)]);
                return events.Log.Lines.Skip(before).Count(line => line.Text.Contains(LeftToPrimary, StringComparison.Ordinal));
            },
            left => left == 0,
            "ask the standby");
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task A_number_that_the_standby_shows_before_the_primary_does_is_missing()
    {
        await using var events = await EventsOnStandby.StartAsync();
        await AppendWithGapsAsync(events);
        await using var source = await OpenSettledAsync(events);
        await events.RunAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        await events.RunAsync("SELECT pg_reload_conf()");
        await Deadline.UntilAsync(() => StandbyPair.ScalarAsync<string>(events.Primary, "SHOW synchronous_standby_names"), names => names == "nobody", "wait for nobody");
        var writing = events.RunAsync("INSERT INTO events (n) VALUES (10)");
        await Deadline.UntilAsync(() => events.AskStandbyAsync<long>("SELECT count(*) FROM events WHERE n = 10"), seen => seen == 1, "show the number on the standby");
        (await StandbyPair.ScalarAsync<long>(events.Primary, "SELECT count(*) FROM events WHERE n = 10")).ShouldBe(0);

        // Should the primary take over now, it does not give the number.
        (await EventsOnStandby.ReadAsync(source)).Count.ShouldBe(Many - 2);

        GivenUp(source).ShouldBe([(10, 11), (4_000, 4_000)]);
        events.Log.Lines.ShouldContain(line => line.Text.Contains(LeftToPrimary, StringComparison.Ordinal));
        await events.RunAsync("ALTER SYSTEM RESET synchronous_standby_names");
        await events.RunAsync("SELECT pg_reload_conf()");
        await writing;
        (await source.GivenUp!.FindAsync(source.GivenUp.Between(EventPosition.BeforeFirst, new EventPosition(Many)), CancellationToken.None)).ShouldBe([10]);
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task A_reading_waits_for_a_standby_that_is_killed_and_goes_on_where_it_was()
    {
        await using var events = await EventsOnStandby.StartAsync();
        await events.AppendAsync(Many, Large);
        await using var source = await events.OpenAsync(batchEvents: 100);

        var restarted = Task.CompletedTask;
        var read = await EventsOnStandby.ReadAsync(source, async () =>
        {
            await events.Servers.Standby.StopAsync(LocalPostgres.StopMode.Immediate);
            restarted = RestartAsync();
        });

        await restarted;
        read.ShouldBe(Numbers(Many));

        async Task RestartAsync()
        {
            await EventsOnStandby.UntilToldAsync(source, "history waits");
            await events.Servers.Standby.StartAgainAsync();
        }
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task The_primary_takes_over_from_a_standby_that_is_killed_where_it_may()
    {
        await using var events = await EventsOnStandby.StartAsync();
        await events.AppendAsync(Many, Large);
        await using var source = await events.OpenAsync(StandbyAbsence.UsePrimary, batchEvents: 100);

        var read = await EventsOnStandby.ReadAsync(source, () => events.Servers.Standby.StopAsync(LocalPostgres.StopMode.Immediate));

        read.ShouldBe(Numbers(Many));
        events.Log.Lines.ShouldContain(line => line.Text.StartsWith("History is read from the primary server for the time being: the standby 127.0.0.1:"));
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task Nothing_is_read_from_a_standby_that_was_promoted_though_it_has_all_that_is_asked_for()
    {
        await using var events = await EventsOnStandby.StartAsync();
        await events.RunAsync($"SELECT setval('events_n_seq', {Many})");
        await events.RunAsync($"INSERT INTO events (n, data) SELECT n, {Large} FROM generate_series(1, {Many}) AS n WHERE n <> {Many - 1}");
        await using var source = await events.OpenAsync(StandbyAbsence.UsePrimary, batchEvents: 100);
        await using var waiting = await events.OpenAsync(batchEvents: 100);

        var read = await EventsOnStandby.ReadAsync(source, async () =>
        {
            await events.Servers.PromoteAsync();
            // What somebody writes there is in no store that counts.
            await events.AskStandbyAsync<object>($"INSERT INTO events (n) VALUES ({Many - 1})");
        });

        read.ShouldBe(Numbers(Many).Where(n => n != Many - 1));
        using var stop = new CancellationTokenSource();
        var left = Task.Run(() => waiting.History.ReadAsync(EventPosition.BeforeFirst, new EventPosition(Many), EventFilter.All, stop.Token).ToListAsync(stop.Token).AsTask());
        await EventsOnStandby.UntilToldAsync(waiting, "is no standby, or none any more");
        left.IsCompleted.ShouldBeFalse();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(left);
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task A_standby_of_a_server_that_was_promoted_is_not_trusted()
    {
        await using var events = await EventsOnStandby.StartAsync();
        await events.AppendAsync(10);
        await events.Servers.PromoteAsync();
        // It is ahead of the primary, and has another history.
        await events.AskStandbyAsync<object>($"INSERT INTO events (data) SELECT {Large} FROM generate_series(1, {Many})");
        await using var ofPromoted = await StandbyPair.FollowAsync(events.Servers.Standby);
        await using var source = await events.OpenAsync(StandbyAbsence.UsePrimary, replay: ofPromoted.ConnectionStringFor("events"));

        (await EventsOnStandby.ReadAsync(source)).ShouldBe(Numbers(10));

        await EventsOnStandby.UntilDescribedAsync(source, "receives timeline 2, and the server with the events writes timeline 1");
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task A_reading_outlasts_a_conflict_with_recovery_and_goes_on_where_it_was()
    {
        await using var events = await EventsOnStandby.StartAsync(("max_standby_streaming_delay", "0"));
        await events.AppendAsync(Many, Large);
        await using var source = await events.OpenAsync(batchEvents: 100, rangeSize: Many);

        var read = await EventsOnStandby.ReadAsync(source, async () =>
        {
            await events.RunAsync("BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE; COMMIT");
            var locked = await StandbyPair.ScalarAsync<string>(events.Primary, "SELECT pg_current_wal_lsn()::text");
            // It waits for the reading, which sees that it is to end when it sends more; or the reading has ended, and the recovery is past it.
            await Deadline.UntilAsync(
                () => events.AskStandbyAsync<bool>(
                    $"SELECT pg_last_wal_replay_lsn() >= '{locked}' OR EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock')"),
                isInTheWay => isInTheWay,
                "have the reading stand in the recovery's way");
        });

        read.ShouldBe(Numbers(Many));
        await Deadline.UntilAsync(
            () => events.AskStandbyAsync<long>("SELECT confl_lock FROM pg_stat_database_conflicts WHERE datname = current_database()"), count => count > 0, "count the conflict");
    }

    [PostgresFact(OwnCluster = true, BaseBackup = true)]
    public async Task What_is_wrong_with_a_standby_is_told_with_the_way_out()
    {
        await using var events = await EventsOnStandby.StartAsync();
        await using var primary = await events.OpenAsync(replay: events.Primary);
        await EventsOnStandby.UntilDescribedAsync(primary, "takes writes. Name a standby of the server with the events.");

        await using var other = await StandbyPair.StartAsync();
        await other.Primary.CreateDatabaseAsync("events");
        await other.CatchUpAsync();
        await using var foreign = await events.OpenAsync(replay: other.Standby.ConnectionStringFor("events"));
        await EventsOnStandby.UntilDescribedAsync(foreign, "is of another cluster: its system identifier is");

        await events.RunAsync("CREATE ROLE \"Reader\" LOGIN PASSWORD 'secret'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO \"Reader\"");
        await events.Servers.CatchUpAsync();
        var reader = new NpgsqlConnectionStringBuilder(events.Standby) { Username = "Reader", Password = "secret" };
        await using var blind = await events.OpenAsync(replay: reader.ConnectionString);
        var told = await EventsOnStandby.UntilDescribedAsync(blind, "Run on the primary: GRANT pg_read_all_stats TO \"Reader\";");
        told.ShouldNotBeNull().ShouldContain("A replay waits for the standby");
        await events.RunAsync("GRANT pg_read_all_stats TO \"Reader\"");
        await EventsOnStandby.UntilDescribedAsync(blind, $"history is read from the standby 127.0.0.1:{reader.Port}");
    }

    private static IEnumerable<long> Numbers(int count) => Enumerable.Range(1, count).Select(n => (long)n);

    private static async Task AppendWithGapsAsync(EventsOnStandby events)
    {
        await events.RunAsync($"INSERT INTO events (n) SELECT n FROM generate_series(1, {Many}) AS n WHERE n NOT IN (10, 11, 4000)");
        await events.RunAsync($"SELECT setval('events_n_seq', {Many})");
    }

    /// <summary>Opens a store that has given up by time all numbers that are missing.</summary>
    private static async Task<PostgresEventSource> OpenSettledAsync(EventsOnStandby events)
    {
        var source = await events.OpenAsync(graceTime: TimeSpan.FromMilliseconds(1));
        await Deadline.UntilAsync(() => source.GetSafeHeadAsync(CancellationToken.None), head => head.Position == new EventPosition(Many), "settle all numbers");
        await events.Servers.CatchUpAsync();
        return source;
    }

    private static (long First, long Last)[] GivenUp(PostgresEventSource source) =>
        [.. source.GivenUp!.Between(EventPosition.BeforeFirst, new EventPosition(Many)).Select(range => (range.First, range.Last))];

    /// <summary>Appends in transactions that end in another order than they draw their numbers, and some that roll back.</summary>
    private static async Task WriteAsync(string connectionString, int seed)
    {
        var random = new Random(seed);
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        for (var i = 0; i < 150; i++)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand($"INSERT INTO events (version) SELECT n FROM generate_series(1, {random.Next(1, 4)}) AS n", connection);
            await command.ExecuteNonQueryAsync();
            await Task.Delay(random.Next(0, 20));
            await (random.Next(8) == 0 ? transaction.RollbackAsync() : transaction.CommitAsync());
        }
    }
}
