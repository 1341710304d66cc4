using Npgsql;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

public sealed class SeamTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Switches = 60;

    /// <summary>Back and forth between v1 and v2: to v2 the view is replaced (a column more), to v1 it is dropped and created.</summary>
    [PostgresFact]
    public async Task Readers_with_prepared_statements_see_no_seam_through_sixty_switches()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync(2_000);

        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token);
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReadAsync(world, stop.Token))).ToList();
        var manners = new HashSet<ChangeManner>();
        for (var i = 0; i < Switches; i++)
        {
            var switched = await World.SwitchAsync(system, "tally", i % 2 == 0 ? 2 : 1);
            switched.AlreadyDone.ShouldBeFalse();
            manners.Add(switched.Change!.Manner);
        }

        await stop.CancelAsync();
        await adding;
        var seen = await Task.WhenAll(readers);
        seen.ShouldAllBe(reader => reader.Failure == null);
        seen.ShouldAllBe(reader => reader.Backwards == 0);
        seen.Sum(reader => reader.Reads).ShouldBeGreaterThan(Switches * 4);
        seen.ShouldAllBe(reader => reader.States > 10);
        manners.ShouldBe([ChangeManner.Replaced, ChangeManner.Recreated], ignoreOrder: true);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.switch where projection = 'tally'")).ShouldBe(Switches + 1);
    }

    [PostgresFact]
    public async Task A_long_reader_holds_the_switch_up_but_not_the_other_readers_and_the_switch_succeeds_when_it_ends()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync(2_000);

        await using var reader = await world.ConnectAsync("slow export");
        var export = await reader.BeginTransactionAsync();
        await ExecuteAsync(reader, "select count(*) from tally");
        var impatient = new SwitchCommand { LockTimeout = TimeSpan.FromMilliseconds(100), Patience = TimeSpan.FromSeconds(1) };
        using var stop = new CancellationTokenSource();
        var reads = 0;
        var others = Enumerable.Range(0, 2).Select(_ => Task.Run(() => ReadAsync(world, stop.Token, () => Interlocked.Increment(ref reads)))).ToList();
        var refused = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 2, impatient));
        refused.Failures.ShouldHaveSingleItem().Gate.ShouldBe("lock");
        refused.Message.ShouldMatch(@"the lock on 'tally' was not to be had within \d+ ms \(\d+ attempts\); it is held by .*slow export");

        var patient = World.SwitchAsync(system, "tally", 2, impatient with { Patience = Deadline.Generous });
        await world.EventuallyAsync("select count(*) from pg_locks l join pg_class c on c.oid = l.relation where c.relname = 'tally' and l.mode = 'AccessExclusiveLock' and not l.granted", 1L);
        // Had they to queue behind the waiting switch, they would wait as long as it does.
        var before = Volatile.Read(ref reads);
        await Deadline.UntilAsync(() => Volatile.Read(ref reads), now => now > before + 20, "let the other readers read");
        patient.IsCompleted.ShouldBeFalse();
        await export.DisposeAsync();
        (await patient).To.ShouldBe(2);

        await stop.CancelAsync();
        var seen = await Task.WhenAll(others);
        seen.ShouldAllBe(other => other.Failure == null);
    }

    private static async Task<Seen> ReadAsync(World world, CancellationToken stop, Action? hasRead = null)
    {
        await using var connection = await world.ConnectAsync("reader");
        await using var sum = new NpgsqlCommand("select sum(total)::bigint, sum(events)::bigint from tally where total > $1", connection)
        {
            Parameters = { new NpgsqlParameter { Value = 0L } },
        };
        await sum.PrepareAsync(CancellationToken.None);
        var (reads, states, backwards, last) = (0, 0, 0, 0L);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var row = await sum.ExecuteReaderAsync(CancellationToken.None);
                await row.ReadAsync(CancellationToken.None);
                var now = row.GetInt64(0);
                backwards += now < last ? 1 : 0;
                states += now > last ? 1 : 0;
                last = now;
            }
            catch (PostgresException exception)
            {
                return new Seen(reads, states, backwards, exception.Message);
            }

            reads++;
            hasRead?.Invoke();
        }

        return new Seen(reads, states, backwards, null);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <param name="Reads">How many reads succeeded.</param>
    /// <param name="States">How many of them saw something newer than the one before.</param>
    /// <param name="Backwards">How many saw something older than the one before.</param>
    /// <param name="Failure">Why reading ended early, or <c>null</c>.</param>
    private sealed record Seen(int Reads, int States, int Backwards, string? Failure);
}
