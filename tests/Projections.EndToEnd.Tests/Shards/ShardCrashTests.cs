using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.PostgresEvents;
using Projections.Testing;
using Projections.TestServers;
using Projections.TestServers.Faults;
using Projections.Workers;
using Xunit.Abstractions;

namespace Projections.EndToEnd.Shards;

/// <summary>Any of the workers that share a version is cut off from the server for good, at whichever statement: the rows are those of the events.</summary>
public sealed class ShardCrashTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    /// <summary>How many workers are killed where it is not the usual few.</summary>
    private const string KillsVariable = "PROJECTIONS_SHARD_KILLS";

    private const int Events = 3_000;
    private const int Streams = 60;
    private const int Workers = 3;

    /// <summary>So many statements a worker sends in about the time in which a version is rebuilt, and so many of those that change something.</summary>
    private const int Statements = 120;
    private const int ChangesOfOne = 40;

    [PostgresFact]
    public async Task Killed_at_any_statement_a_worker_leaves_its_shards_and_the_version_to_the_others()
    {
        var kills = World.Setting(KillsVariable, 40);
        var (began, random) = (Stopwatch.GetTimestamp(), new Random(World.Setting("PROJECTIONS_SEED", 1)));
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Events, Streams);
        var commander = await world.OpenAsync(Tallies());
        var (killed, rebuilds, places) = (0, 0, new ConcurrentDictionary<string, int>());
        while (killed < kills)
        {
            rebuilds++;
            var seats = await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => SeatAsync(world, random, 1, places)));
            await AskAsync(commander, 2 + (rebuilds % 3));
            while (await StateAsync(world) is not VersionState.Ready)
            {
                for (var i = 0; i < seats.Length; i++)
                {
                    if (seats[i].IsDead)
                    {
                        killed++;
                        await seats[i].DisposeAsync();
                        // Some are cut in two while others die. Later, nobody does, so that it comes to an end.
                        await AskMoreAsync(commander, 2 + random.Next(6));
                        seats[i] = await SeatAsync(world, random, 3, places);
                    }
                }

                await Task.Delay(5);
            }

            (await world.ColumnAsync("select concat_ws(' ', id, total, events) from tally_v1 order by id")).ShouldBe(
                Enumerable.Range(0, Streams).Select(TallyWorld.StreamOf).OrderBy(stream => stream.ToString(), StringComparer.Ordinal).Select(stream => $"{stream} {Events / Streams} {Events / Streams}"),
                $"rebuild {rebuilds}, after {killed} kills");
            (await world.Database.ScalarAsync<long>("select events_done from projections.version")).ShouldBe(Events);
            foreach (var seat in seats)
            {
                await seat.DisposeAsync();
            }

            await new AbortCommand { Projection = TallyWorld.Tally }.RunAsync(commander, World.Someone, CancellationToken.None);
        }

        output.WriteLine($"{killed} workers killed in {rebuilds} rebuilds, at {places.Count} different statements, in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
        foreach (var (place, times) in places.OrderByDescending(place => place.Value))
        {
            output.WriteLine($"{times,5}  {place}");
        }
    }

    private static ProjectionRegistry Tallies() => ProjectionRegistry.Of(new TallyV1());

    private static async Task<VersionState?> StateAsync(World world)
    {
        var version = (await world.Catalog.ReadAsync(TallyWorld.Tally, CancellationToken.None))?.Find(1);
        version?.Failure.ShouldBeNull();
        return version?.State;
    }

    private static Task<OperationResult> AskAsync(ProjectionSystem system, int shards) =>
        new RebuildCommand { Projection = TallyWorld.Tally, To = 1, Shards = shards }.RunAsync(system, World.Someone, CancellationToken.None);

    private static async Task AskMoreAsync(ProjectionSystem system, int shards)
    {
        try
        {
            await AskAsync(system, shards);
        }
        catch (OperationRefused)
        {
            // There are more already, or it is done.
        }
    }

    /// <summary>A new worker that will be killed at one of its first statements or, every other one, of those that change something.</summary>
    private static async Task<Seat> SeatAsync(World world, Random random, int life, ConcurrentDictionary<string, int> places)
    {
        var (isAnswered, isAimed) = (random.Next(2) == 0, random.Next(2) == 0);
        var dies = 1 + random.Next(life * (isAimed ? ChangesOfOne : Statements));
        var way = FaultyProxy.ToPostgres(world.Database.ConnectionString);
        var source = await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero });
        var options = new ProjectionsOptions { ReplayCommitInterval = TimeSpan.FromMilliseconds(10), LeaseDuration = TimeSpan.FromSeconds(1), ReplayPartitions = 3 };
        var system = new ProjectionSystem(Tallies(), way.Through(world.Database.ConnectionString), source, options, NullLoggerFactory.Instance);
        return new Seat(way, system, dies, isAnswered, isAimed, places);
    }

    /// <summary>A worker whose server is gone for ever from one of its statements on, before that is carried out or behind it. For the server that is a process that was killed.</summary>
    private sealed class Seat : IAsyncDisposable
    {
        private readonly FaultyProxy _way;
        private readonly ProjectionSystem _system;
        private readonly Worker _worker;
        private int _left;

        public Seat(FaultyProxy way, ProjectionSystem system, int dies, bool isAnswered, bool isAimed, ConcurrentDictionary<string, int> places)
        {
            (_way, _system, _worker, _left) = (way, system, Worker.Start(system), dies);
            way.FaultAt = statement =>
            {
                if (IsDead)
                {
                    return WireFault.BreakBefore;
                }

                if ((isAimed && !Changes(statement.Text)) || Interlocked.Decrement(ref _left) != 0)
                {
                    return null;
                }

                places.AddOrUpdate(Beginning(statement.Text), 1, (_, times) => times + 1);
                IsDead = true;
                _ = Task.Run(way.Break);
                return (isAnswered ? WireFault.BreakAfter : WireFault.BreakBefore) with { Shuts = true };
            };
        }

        public bool IsDead { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await _worker.DisposeAsync();
            await _system.DisposeAsync();
            await _way.DisposeAsync();
        }

        private static bool Changes(string statement) =>
            statement is "COMMIT" or "BEGIN" || statement.StartsWith("copy", StringComparison.Ordinal) || statement.Contains("tally_v1", StringComparison.Ordinal)
            || (statement.Contains("projections.shard", StringComparison.Ordinal) && !statement.StartsWith("select v.", StringComparison.Ordinal));

        private static string Beginning(string statement)
        {
            var line = string.Join(' ', statement.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
            return line.Length > 90 ? line[..90] : line;
        }
    }
}
