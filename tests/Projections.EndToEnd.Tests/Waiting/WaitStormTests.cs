using System.Globalization;
using Projections.Definitions;
using Projections.EndToEnd.LateEvents;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.PostgresEvents;
using Projections.Testing;
using Projections.TestServers;
using Projections.Waiting;
using Xunit.Abstractions;

namespace Projections.EndToEnd.Waiting;

/// <summary>
/// Writers that stall, overtake each other, come late and roll back, and wait for what they have written, in this process and in SQL, while reads are switched to
/// and fro. <c>PROJECTIONS_TEST_WAITS</c> says how many waits at least (400), <c>PROJECTIONS_TEST_WAIT_WRITERS</c> how many writers there are (40).
/// </summary>
public sealed class WaitStormTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    private readonly int _wanted = World.Setting("PROJECTIONS_TEST_WAITS", 400);
    private int _waits;
    private int _inSql;
    private int _rolledBack;

    [PostgresFact]
    public async Task Nobody_is_told_that_an_event_is_shown_before_it_is()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var source = await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = Grace });
        var system = await world.OpenAsync(TallyWorld.Both, source: source);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);

        using var enough = new CancellationTokenSource();
        var switching = SwitchToAndFroAsync(world, system, enough.Token);
        await Task.WhenAll(Enumerable.Range(0, World.Setting("PROJECTIONS_TEST_WAIT_WRITERS", 40)).Select(writer => Task.Run(() => WriteAsync(world, system, writer))));
        await enough.CancelAsync();
        var switches = await switching;

        switches.ShouldBeGreaterThan(0);
        var late = await world.Database.ScalarAsync<long>("select count(distinct position) from projections.late_event");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{_waits} waits, {_inSql} of them in SQL; {late} events came late, {_rolledBack} were rolled back, {switches} switches; early 0."));
    }

    private async Task WriteAsync(World world, ProjectionSystem system, int writer)
    {
        var random = new Random(writer);
        while (Volatile.Read(ref _waits) < _wanted)
        {
            var stream = Guid.NewGuid();
            for (var version = 1; version <= 5;)
            {
                var append = await RichAppend.DrawAsync(world.Sql, stream);
                await Task.Delay(random.Next(4) switch { 0 => Grace * 3 * random.NextDouble(), 1 => Grace * random.NextDouble(), _ => TimeSpan.Zero });
                var stays = random.Next(4) > 0;
                await append.InsertAsync(world.Sql, stays, (TallyEvents.Added, """{"amount":1}"""));
                if (stays)
                {
                    await SeeAsync(world, system, stream, append, version++, random.Next(5) == 0);
                }
                else
                {
                    Interlocked.Increment(ref _rolledBack);
                }
            }
        }
    }

    private async Task SeeAsync(World world, ProjectionSystem system, Guid stream, RichAppend append, int version, bool inSql)
    {
        var what = $"version {version} of {stream} at {append.Number}";
        if (inSql)
        {
            while (!await world.Database.ScalarAsync<bool>($"select projections.wait_for('tally', {append.Number}, interval '10 s')"))
            {
            }

            Interlocked.Increment(ref _inSql);
        }
        else
        {
            var reference = new EventReference.InStream(new StreamId(stream), version);
            while (!(await new WaitForEvent(system).RunAsync(TallyWorld.Tally, reference, WaitForEvent.Longest, CancellationToken.None)).IsShown)
            {
            }
        }

        (await world.Database.ScalarAsync<long>($"select coalesce(max(events), 0)::bigint from tally where id = '{stream}'")).ShouldBe(version, what);
        Interlocked.Increment(ref _waits);
    }

    private static async Task<int> SwitchToAndFroAsync(World world, ProjectionSystem system, CancellationToken stop)
    {
        var switches = 0;
        for (var to = 2; !stop.IsCancellationRequested; to = 3 - to)
        {
            try
            {
                await World.SwitchAsync(system, "tally", to);
                switches++;
            }
            catch (Switching.SwitchRefused)
            {
                // A late event is being folded in.
                to = 3 - to;
            }

            await Task.Delay(50, CancellationToken.None);
        }

        return switches;
    }
}
