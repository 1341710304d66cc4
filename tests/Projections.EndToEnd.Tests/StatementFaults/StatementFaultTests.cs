using System.Collections.Concurrent;
using System.Diagnostics;
using Projections.EndToEnd.Tallies;
using Projections.Faults;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;
using Projections.TestServers.Faults;
using Xunit.Abstractions;

namespace Projections.EndToEnd.StatementFaults;

/// <summary>Something goes wrong at one statement of a rebuild, a switch, a rollback or a retirement, at whichever: the end is as without it.</summary>
public sealed class StatementFaultTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    /// <summary>Set to 1, each fault is tried at each statement, which takes long; else at some of them.</summary>
    private const string AllVariable = "PROJECTIONS_ALL_FAULTS";

    /// <summary>How many are tried where not all are.</summary>
    private const int Sample = 18;

    private const int LivesAtOnce = 4;

    private static readonly WireFault[] Faults =
    [
        WireFault.BreakBefore,
        WireFault.BreakAfter,
        // The disk is full.
        WireFault.Error("53100"),
        // Said to who connects, and so the session has to end first.
        WireFault.Fatal("53300") with { RefusesNext = true },
        // An administrator ends the session.
        WireFault.Fatal("57P01"),
        // A deadlock.
        WireFault.Error("40P01"),
    ];

    private static bool All => Environment.GetEnvironmentVariable(AllVariable) == "1";

    [PostgresFact]
    public async Task A_fault_at_a_statement_costs_nothing_but_time()
    {
        await using var first = await TallyLife.BeginAsync(postgres);
        await first.RunAsync();
        var calm = await first.RunAsync();
        var cases = new ConcurrentQueue<(FaultPlace Place, WireFault Fault)>(Chosen([.. calm.Places.SelectMany(_ => Faults, (place, fault) => (place, fault))]));
        var (count, began) = (cases.Count, Stopwatch.GetTimestamp());
        var wrong = new ConcurrentQueue<string>();

        var met = await Task.WhenAll(Enumerable.Range(0, All ? LivesAtOnce : 1).Select(_ => Task.Run(async () =>
        {
            await using var life = await TallyLife.BeginAsync(postgres);
            var met = 0;
            while (cases.TryDequeue(out var next))
            {
                var course = await life.RunAsync(next.Place, next.Fault);
                met += course.Met ? 1 : 0;
                if ((course.Live, course.End) != (calm.Live, calm.End))
                {
                    wrong.Enqueue($"{next.Fault} at {next.Place}:\n{course.Live}\n--\n{course.End}");
                }

                foreach (var error in course.Errors)
                {
                    wrong.Enqueue($"{next.Fault} at {next.Place} was logged as an error: {error}");
                }
            }

            return met;
        })));

        output.WriteLine($"{met.Sum()} of {count} faults met, at {calm.Places.Count} places, in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
        wrong.ShouldBeEmpty($"Without a fault:\n{calm.Live}\n--\n{calm.End}");
        // What a clock sends may not be sent while a life lasts.
        met.Sum().ShouldBeGreaterThan(count / 2);
    }

    [PostgresFact]
    public async Task A_table_that_could_not_be_tried_or_made_for_a_while_fails_no_version()
    {
        await using var life = await TallyLife.BeginAsync(postgres);
        var places = (await life.RunAsync()).Places.Where(place => place.Statement.StartsWith("create table tally_v2", StringComparison.Ordinal)).ToList();
        places.Count.ShouldBe(2, "once where it is tried, and once in earnest");

        foreach (var (place, fault) in places.SelectMany(_ => (WireFault[])[WireFault.Error("53100"), WireFault.Fatal("57P01")], (place, fault) => (place, fault)))
        {
            var course = await life.RunAsync(place, fault);
            (course.Met, course.Errors.Count).ShouldBe((true, 0), $"{fault} at {place}: {string.Join('\n', course.Errors)}");
        }
    }

    [PostgresTheory]
    [InlineData("update projections.version set throttle")]
    [InlineData("COMMIT")]
    public async Task A_command_whose_connection_breaks_is_carried_out_or_says_that_it_may_be(string statement)
    {
        await using var world = await World.CreateAsync(postgres);
        await using var way = FaultyProxy.ToPostgres(world.Database.ConnectionString);
        var system = await world.OpenAsync(TallyWorld.Both, through: way);
        await World.AskToBuildAsync(system, "tally", 1);
        var breaks = 1;
        way.FaultAt = sent => sent.Text.StartsWith(statement, StringComparison.Ordinal) && breaks-- > 0 ? WireFault.BreakBefore : null;

        var throttling = new SetThrottleCommand { Projection = TallyWorld.Tally, Version = 1, EventsPerSecond = 7 }.RunAsync(system, World.Someone, CancellationToken.None);

        if (statement == "COMMIT")
        {
            (await Should.ThrowAsync<OutcomeUnknown>(throttling)).Message.ShouldStartWith("It is not known whether 'throttle' of 'tally' was carried out: the connection broke while it was committed (Exception while ");
        }
        else
        {
            await throttling;
            (await world.Database.ScalarAsync<int>("select throttle from projections.version")).ShouldBe(7);
        }
    }

    /// <summary>Every so manieth, such that each fault has its turn.</summary>
    private static List<T> Chosen<T>(List<T> all)
    {
        if (All)
        {
            return all;
        }

        var step = Math.Max(1, all.Count / Sample);
        while (step % 2 == 0 || step % 3 == 0)
        {
            step++;
        }

        return [.. all.Where((_, at) => at % step == 0)];
    }
}
