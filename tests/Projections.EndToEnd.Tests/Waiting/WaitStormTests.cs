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
/// Writers that stall, overtake each other, come late and roll back, and several that wait for what each has written, one of them since before it is, in this
/// process and in SQL, while reads are switched to and fro. <c>PROJECTIONS_TEST_WAITS</c> says how many waits at least (1,600), <c>PROJECTIONS_TEST_WAIT_WRITERS</c>
/// how many writers there are (40), <c>PROJECTIONS_TEST_WAITERS</c> how many wait for an event (4).
/// </summary>
public sealed class WaitStormTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    private readonly int _wanted = World.Setting("PROJECTIONS_TEST_WAITS", 1_600);
    private readonly int _waiters = World.Setting("PROJECTIONS_TEST_WAITERS", 4);
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

                // By its number nobody could wait for what is not there yet: a number that stays away is passed by.
                var early = stays ? SeeAsync(world, system, stream, version) : Task.CompletedTask;
                await append.InsertAsync(world.Sql, stays, (TallyEvents.Added, """{"amount":1}"""));
                if (stays)
                {
                    var inSql = random.Next(5) == 0;
                    await Task.WhenAll(Enumerable.Range(1, _waiters - 1).Select(waiter =>
                        waiter == 1 && inSql ? SeeInSqlAsync(world, stream, append, version) : SeeAsync(world, system, stream, version)).Append(early));
                    version++;
                }
                else
                {
                    Interlocked.Increment(ref _rolledBack);
                }
            }
        }
    }

    private async Task SeeInSqlAsync(World world, Guid stream, RichAppend append, int version)
    {
        while (!await world.Database.ScalarAsync<bool>($"select projections.wait_for('tally', {append.Number}, interval '10 s')"))
        {
        }

        Interlocked.Increment(ref _inSql);
        await ReadAsync(world, stream, version);
    }

    private async Task SeeAsync(World world, ProjectionSystem system, Guid stream, int version)
    {
        var reference = new EventReference.InStream(new StreamId(stream), version);
        while (!(await new WaitForEvent(system).RunAsync(TallyWorld.Tally, reference, WaitForEvent.Longest, CancellationToken.None)).IsShown)
        {
        }

        await ReadAsync(world, stream, version);
    }

    private async Task ReadAsync(World world, Guid stream, int version)
    {
        (await world.Database.ScalarAsync<long>($"select coalesce(max(events), 0)::bigint from tally where id = '{stream}'")).ShouldBe(version, $"of {stream}");
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
