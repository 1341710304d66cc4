using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.LateEvents;
using Projections.EndToEnd.Tallies;
using Projections.Feeds;
using Projections.Operations;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;
using Projections.TestServers.Faults;
using Xunit.Abstractions;

namespace Projections.EndToEnd.Feeds;

/// <summary>
/// A consumer in another language keeps a copy over HTTP, while workers, the consumer and the connections between them are killed around switches, events come late, and versions differ
/// in some rows, in all, or in their columns.
/// </summary>
public sealed class FeedCrashTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private const int Streams = 200;

    private const string Pending = "select exists (select from projections.feed_entry where is_pending)";

    private static readonly ProjectionRegistry Registry = ProjectionRegistry.Of(new TallyV1(), new SkippingTallyV2(), new DatedTallyV3());

    /// <summary>How many times reads are switched: a hundred take minutes.</summary>
    private static readonly int Switches = World.Setting("FEED_SWITCHES", 6);

    /// <summary>To which versions, one after another and again: a column more, and less; and some rows that differ.</summary>
    private static readonly int[] Targets = [3, 1, 2, 1, 2];

    [PostgresFact(Node = true)]
    public async Task A_copy_over_HTTP_is_what_readers_see_after_switches_and_kills_on_both_sides()
    {
        var began = Stopwatch.GetTimestamp();
        await using var world = await World.CreateAsync(postgres);
        var system = await BuildAsync(world);
        var told = new ToldOfSwitches(new FeedCopy(system, TallyWorld.Tally));
        await told.Copy.ReadAsync();
        await using var ways = new Ways();
        await using var workers = new WorkerRelay(started => WorkerProcess.StartTallies(world, [("Http__Listen", ways.Listen(started)), ("Events__GraceTime", "00:00:00.050")], "run"));
        await workers.NextAsync();
        await using var copy = new NodeCopy(ways.Addresses);
        await copy.StartAsync();
        using var stop = new CancellationTokenSource();
        var writing = world.KeepAddingAsync(stop.Token, TimeSpan.FromMilliseconds(10), Streams * 2, most: 9);
        var comingLate = KeepComingLateAsync(world, stop.Token);

        var random = new Random(Environment.TickCount);
        var (kills, inTheMiddle, deaths, cuts) = (0, 0, 0, 0);
        for (var done = 0; done < Switches; done++)
        {
            var to = Targets[done % Targets.Length];
            switch (done % 4)
            {
                case 0:
                    // The next is there already, waiting for the leases of the one that is killed.
                    await workers.NextAsync();
                    await AroundAsync(SwitchAsync(system, to), random, workers.KillFirstAsync);
                    kills++;
                    break;
                case 1:
                    await SwitchAsync(system, to);
                    await FindingAsync(world);
                    await workers.KillFirstAsync();
                    inTheMiddle += await world.Database.ScalarAsync<bool>(Pending) ? 1 : 0;
                    kills++;
                    await workers.NextAsync();
                    break;
                case 2:
                    await AroundAsync(SwitchAsync(system, to), random, copy.StartAsync);
                    deaths++;
                    break;
                default:
                    await AroundAsync(SwitchAsync(system, to), random, ways.CutAsync);
                    cuts++;
                    break;
            }
        }

        await stop.CancelAsync();
        var events = await writing;
        events += await comingLate;
        await EverythingIsFoldedAsync(world);
        var expected = Normal(await world.ColumnAsync("select to_json(t)::text from tally t"));
        var found = Normal(await copy.UntilAsync(rows => Normal(rows).SequenceEqual(expected)));
        await told.Copy.ReadAsync();
        var late = await world.Database.ScalarAsync<long>("select count(distinct position) from projections.late_event");
        var said = string.Create(
            CultureInfo.InvariantCulture,
            $"after {Switches} switches, {told.Clears} of which cleared, {kills} killed workers, {inTheMiddle} of them while rows were found, {deaths} killed consumers and {cuts} cut connections, {events} events, {late} of them late; with {expected.Count} rows, {told.Differing} that came as differing and {told.Gone} as gone, in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
        found.Except(expected).Take(5).ShouldBeEmpty($"what readers do not see, {said}; the consumer said: {copy.Said}");
        expected.Except(found).Take(5).ShouldBeEmpty($"what the copy lacks, {said}; the consumer said: {copy.Said}");
        told.Settled.Count.ShouldBe(Switches);
        foreach (var (number, rows) in told.Settled)
        {
            rows.ShouldBe(await world.ColumnAsync($"select seen from seen where number = {number} order by key collate \"C\""), $"at the switch {number}, {said}");
        }

        told.Clears.ShouldBe(Enumerable.Range(0, Switches).Count(i => Targets[i % Targets.Length] == 3), "the others differ in rows");
        told.Differing.ShouldBeGreaterThan(0);
        told.Gone.ShouldBeGreaterThan(0);
        inTheMiddle.ShouldBeGreaterThan(0);
        late.ShouldBeGreaterThan(0);
        output.WriteLine($"Equal {said}.");
    }

    /// <summary>Three versions that follow in lockstep, the first of them live, and a feed; nobody who works.</summary>
    private static async Task<ProjectionSystem> BuildAsync(World world)
    {
        await world.SeedTalliesAsync(2_000, Streams);
        var system = await world.OpenAsync(Registry);
        var first = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        await world.BuildAsync(system, "tally", 3);
        await new StartFeedCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.StopAsync(first);
        await world.Database.ExecuteAsync(Watch);
        return system;
    }

    /// <summary>Notes what readers see from a switch on, in its transaction, and has whoever finds the rows that differ take a while, so that a kill meets it there.</summary>
    private const string Watch =
        """
        create table seen (number bigint, key text, seen text);
        create function note() returns trigger language plpgsql set timezone = 'UTC' as $$
        begin
            if new.kind = 'switched' then
                execute format('insert into public.seen select $1, id::text, to_json(t)::text from public.tally_v%s t', new.version) using new.number;
            elsif new.kind in ('rows', 'settled') then
                perform pg_sleep(0.1 + random() / 5);
            end if;
            return new;
        end $$;
        create trigger note after insert on projections.feed_entry for each row execute function note()
        """;

    /// <summary>Switches reads, however often it is refused: nothing else goes wrong until it is done.</summary>
    private static async Task SwitchAsync(ProjectionSystem system, int version)
    {
        while (!await World.TryAsync(() => World.SwitchAsync(system, "tally", version, new SwitchCommand { IgnoreOldSnapshots = true, Patience = TimeSpan.FromSeconds(5) })))
        {
            await Task.Delay(20);
        }
    }

    /// <summary>Has a fault happen before a switch is done, or behind it.</summary>
    private static async Task AroundAsync(Task switching, Random random, Func<Task> fault)
    {
        await Task.Delay(random.Next(500));
        await fault();
        await switching;
    }

    /// <summary>Waits until somebody is in the middle of finding rows, unless all are found.</summary>
    private static Task FindingAsync(World world) => world.EventuallyAsync(
        $"""
        select not ({Pending}) or exists (
            select from pg_stat_activity where datname = current_database() and query like 'insert into projections.feed_entry%' and wait_event = 'PgSleep')
        """,
        true);

    private static async Task EverythingIsFoldedAsync(World world)
    {
        await world.EventuallyAsync("select (select sum((data ->> 'amount')::bigint) from events.mt_events)::bigint - (select sum(total) from tally_v1)::bigint", 0L);
        await world.EventuallyAsync("select count(*) from projections.late_event where status = 'waiting'", 0L);
        await world.EventuallyAsync("select count(distinct (position_major, position_minor)) from projections.version", 1L);
        await world.EventuallyAsync(Pending, false);
    }

    /// <summary>Draws numbers, and uses them when others have committed behind them.</summary>
    /// <returns>How many.</returns>
    private static async Task<int> KeepComingLateAsync(World world, CancellationToken stop)
    {
        var random = new Random(2);
        var late = 0;
        for (; !stop.IsCancellationRequested; late++)
        {
            var append = await RichAppend.DrawAsync(world.Sql, TallyWorld.StreamOf((Streams * 2) + random.Next(50)));
            // Longer than anybody waits for a number.
            await Task.Delay(random.Next(100, 1_000), CancellationToken.None);
            await append.AddAsync(world.Sql, random.Next(1, 10));
        }

        return late;
    }

    /// <summary>Rows as they compare, whoever wrote their JSON: 3.5 and 3.50 are one number.</summary>
    private static List<string> Normal(IEnumerable<string> rows)
    {
        var normal = rows.Select(row =>
        {
            using var document = JsonDocument.Parse(row);
            return string.Join(' ', document.RootElement.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member =>
                $"{member.Name}={(member.Value.ValueKind == JsonValueKind.Number ? member.Value.GetDecimal().ToString("0.#########", CultureInfo.InvariantCulture) : member.Value.ToString())}"));
        }).ToList();
        normal.Sort(StringComparer.Ordinal);
        return normal;
    }

    /// <summary>What the feed says of all switches, to a copy that is kept by it from its start.</summary>
    private sealed class ToldOfSwitches
    {
        private bool _clears;

        public ToldOfSwitches(FeedCopy copy)
        {
            Copy = copy;
            copy.Applied = Hear;
        }

        public FeedCopy Copy { get; }

        /// <summary>The copy's rows where the feed says that they are what readers saw, by the switch's number.</summary>
        public Dictionary<long, IReadOnlyList<string>> Settled { get; } = [];

        /// <summary>How many switches had all rows follow.</summary>
        public int Clears { get; private set; }

        /// <summary>How many rows came because they differ, and how many because they are gone.</summary>
        public int Differing { get; private set; }

        public int Gone { get; private set; }

        private void Hear(FeedMessage message)
        {
            using var document = JsonDocument.Parse(message.Json);
            switch (message.Kind)
            {
                case FeedMessageKind.Snapshot:
                    _clears = true;
                    break;
                case FeedMessageKind.Switched:
                    _clears = document.RootElement.GetProperty("clear").GetBoolean();
                    Clears += _clears ? 1 : 0;
                    break;
                case FeedMessageKind.Rows when !_clears:
                    var gone = document.RootElement.GetProperty("changes").EnumerateArray().Count(change => change.GetProperty("after").ValueKind == JsonValueKind.Null);
                    Gone += gone;
                    Differing += document.RootElement.GetProperty("changes").GetArrayLength() - gone;
                    break;
                case FeedMessageKind.Settled when message.Cursor is { Line: > 0 and < int.MaxValue } cursor:
                    Settled.Add(cursor.Entry, Copy.Rows);
                    break;
            }
        }
    }

    /// <summary>Two addresses at which workers are by turns, and ways to them that can be cut.</summary>
    private sealed class Ways : IAsyncDisposable
    {
        private readonly int[] _ports = [FreePort(), FreePort()];
        private readonly FaultyProxy[] _ways;

        public Ways() => _ways = [.. _ports.Select(port => new FaultyProxy(port))];

        public string Addresses => string.Join(',', _ways.Select(way => $"http://127.0.0.1:{way.Port}/projections/tally/feed"));

        public string Listen(int worker) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_ports[worker % 2]}");

        public Task CutAsync()
        {
            foreach (var way in _ways)
            {
                way.Break();
            }

            return Task.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var way in _ways)
            {
                await way.DisposeAsync();
            }
        }

        // Known before the program starts, as the consumer is told both addresses at once.
        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }

    /// <summary><c>docs/examples/feed-copy.mjs</c>.</summary>
    private sealed class NodeCopy(string addresses) : IAsyncDisposable
    {
        private static readonly string Script = Path.Combine(Repository.Folder, "docs", "examples", "feed-copy.mjs");

        private readonly string _folder = Directory.CreateTempSubdirectory("feed-copy-").FullName;
        private NodeProgram? _running;

        /// <summary>What the last of them said.</summary>
        public string Said => string.Join(Environment.NewLine, _running!.Said);

        private string Journal => Path.Combine(_folder, "copy.journal");

        /// <summary>Starts it; one that runs is killed.</summary>
        public async Task StartAsync()
        {
            await (_running?.DisposeAsync() ?? ValueTask.CompletedTask);
            _running = NodeProgram.Start(Script, addresses, Journal);
        }

        /// <summary>Waits until the copy is as it should be.</summary>
        /// <returns>How it is in the end.</returns>
        public async Task<IReadOnlyList<string>> UntilAsync(Func<IReadOnlyList<string>, bool> isRight)
        {
            var began = Stopwatch.StartNew();
            while (true)
            {
                var rows = await NodeProgram.RunAsync(Script, "--show", Journal);
                if (isRight(rows) || began.Elapsed > Deadline.Generous)
                {
                    return rows;
                }

                await Task.Delay(100);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await (_running?.DisposeAsync() ?? ValueTask.CompletedTask);
            Directory.Delete(_folder, recursive: true);
        }
    }
}
