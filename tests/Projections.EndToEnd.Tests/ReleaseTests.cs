using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Reports;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;
using Xunit.Abstractions;

namespace Projections.EndToEnd;

/// <summary>Several projections whose reads move in one transaction.</summary>
public sealed class ReleaseTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private static readonly SwitchCommand Release = new() { Projection = Name(1), To = 2, With = ["tally_2=2", "tally_3=2"], Why = "the new basket" };

    private static readonly RollbackCommand Back = new() { Projection = Name(1), From = 2, With = ["tally_2=2", "tally_3=2"] };

    private readonly int _readers = World.Setting("PROJECTIONS_TEST_READERS", 4);
    private int _reads;

    /// <summary>Readers name them in the order that is not the one in which they are locked at first. <c>PROJECTIONS_TEST_RELEASES</c> and
    /// <c>PROJECTIONS_TEST_READERS</c> make a storm of it.</summary>
    [PostgresFact]
    public async Task A_statement_that_joins_ten_names_sees_all_of_the_old_or_all_of_the_new_under_writes_and_kills()
    {
        const int names = 10;
        var releases = World.Setting("PROJECTIONS_TEST_RELEASES", 4);
        await using var world = await World.CreateAsync(postgres);
        var system = await BuildAsync(world, names);
        var others = Enumerable.Range(2, names - 1).Select(NumberedTally.NameOf).ToList();

        var quiet = await ReadForAsync(world, names, async () => await Task.Delay(TimeSpan.FromSeconds(1)));
        var seen = await ReadForAsync(world, names, async () =>
        {
            using var stop = new CancellationTokenSource();
            var adding = world.KeepAddingAsync(stop.Token, TimeSpan.FromMilliseconds(2));
            for (var i = 0; i < releases; i++)
            {
                var to = i % 2 == 0 ? 2 : 1;
                var command = new SwitchCommand
                {
                    Projection = Name(1), To = to, With = [.. others.Select(name => string.Create(CultureInfo.InvariantCulture, $"{name}={to}"))], Patience = Deadline.Generous, MaxLag = Deadline.Generous,
                };
                var releasing = command.RunAsync(system, World.Someone, CancellationToken.None);
                await world.Database.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'projections/%' order by random() limit 1");
                (await releasing).With.Prepend(await releasing).ShouldAllBe(moved => moved.To == to);
                var before = Volatile.Read(ref _reads);
                await Deadline.UntilAsync(() => Volatile.Read(ref _reads), now => now > before + (2 * _readers), "read what was released");
            }

            await stop.CancelAsync();
            await adding;
        });

        seen.ShouldAllBe(reader => reader.Failure == null);
        seen.Sum(reader => reader.Mixed).ShouldBe(0);
        seen.Sum(reader => reader.Changes).ShouldBeGreaterThanOrEqualTo(releases - 1);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{releases} releases, {seen.Count} readers, {seen.Sum(reader => reader.Reads)} reads, 0 mixed; longest read {seen.Max(reader => reader.Longest.TotalMilliseconds):0} ms, {quiet.Max(reader => reader.Longest.TotalMilliseconds):0} ms without a release"));
    }

    [PostgresFact]
    public async Task One_name_that_cannot_be_locked_leaves_all_as_they_were_and_is_named()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await BuildAsync(world, 3);
        await using var reader = await world.ConnectAsync("slow export");
        await using var export = await reader.BeginTransactionAsync();
        await using var read = new NpgsqlCommand("select count(*) from tally_2", reader);
        await read.ExecuteScalarAsync();

        var refused = await Should.ThrowAsync<SwitchRefused>(RunAsync(system, Release with { Patience = TimeSpan.FromSeconds(1) }));

        refused.Message.ShouldStartWith("Cannot switch 'tally_1' to v2 and 'tally_2' to v2 and 'tally_3' to v2:");
        refused.Failures.ShouldHaveSingleItem().Problem.ShouldMatch("^tally_2 v2: the lock on 'tally_2' was not to be had .*slow export");
        (await LiveAsync(world)).ShouldBe([1, 1, 1]);
    }

    [PostgresFact]
    public async Task A_gate_that_is_shut_for_one_is_shut_for_all()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await BuildAsync(world, 3);
        await new PauseCommand { Projection = Name(3), Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally_3", 2, VersionState.Paused);

        var refused = await Should.ThrowAsync<SwitchRefused>(RunAsync(system, Release));

        refused.Failures.ShouldHaveSingleItem().ToString().ShouldStartWith("caught-up: tally_3 v2: ");
        (await LiveAsync(world)).ShouldBe([1, 1, 1]);
    }

    [PostgresFact]
    public async Task A_release_is_undone_as_one_and_only_where_it_is_what_readers_see()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await BuildAsync(world, 3);
        var once = new CommandContext("ana", Guid.NewGuid());
        (await Release.RunAsync(system, once, CancellationToken.None)).Outcome.ShouldMatch("^Reads of 'tally_1' go to v2, no longer to v1, .*tally_2.*tally_3");
        (await LiveAsync(world)).ShouldBe([2, 2, 2]);
        var history = await HistoryReport.ReadAsync(system.Catalog, Name(2), 50, CancellationToken.None);
        history.Commands[0].Outcome.ShouldBe("switched to v2, together with tally_1 v2, tally_3 v2");
        (history.Switches[0].Who, history.Switches[0].Why).ShouldBe(("ana", "the new basket"));

        await RunAsync(system, Back);
        (await LiveAsync(world)).ShouldBe([1, 1, 1]);
        (await RunAsync(system, Back)).With.Count(moved => moved.AlreadyDone).ShouldBe(2, "what is undone is not done again");
        (await Release.RunAsync(system, once, CancellationToken.None)).AlreadyDone.ShouldBeTrue("a command that comes twice is done once");
        (await LiveAsync(world)).ShouldBe([1, 1, 1]);

        await World.SwitchAsync(system, "tally_1", 2);
        await World.SwitchAsync(system, "tally_2", 2);
        (await Should.ThrowAsync<OperationRefused>(RunAsync(system, Back with { From = 3 }))).Message.ShouldBe("Cannot roll back 'tally_1' from v3: its reads go to v2.");
        (await RunAsync(system, Release)).With.Single(moved => !moved.AlreadyDone).Projection.ShouldBe(Name(3), "those that are there already stay");
        (await LiveAsync(world)).ShouldBe([2, 2, 2]);
    }

    [Theory]
    [InlineData("tally_2", "what goes with it is named as NAME=VERSION")]
    [InlineData("tally_2=0", "what goes with it is named as NAME=VERSION")]
    [InlineData("Tally=2", "what goes with it is named as NAME=VERSION")]
    [InlineData("tally_1=1", "'tally_1' is named twice")]
    public void What_names_no_version_is_refused(string with, string reason) =>
        Should.Throw<OperationRefused>(() => (Release with { With = [with] }).OtherVersions).Message.ShouldContain(reason);

    private static ProjectionName Name(int number) => new(NumberedTally.NameOf(number));

    private static Task<SwitchResult> RunAsync(ProjectionSystem system, SwitchingCommand command) => command.RunAsync(system, World.Someone, CancellationToken.None);

    /// <summary>So many projections with v1 live and v2 ready.</summary>
    private static async Task<ProjectionSystem> BuildAsync(World world, int names)
    {
        await world.SeedTalliesAsync(500);
        var numbers = Enumerable.Range(1, names).ToList();
        var system = await world.OpenAsync(ProjectionRegistry.Of(numbers.SelectMany(number => (NumberedTally[])[new(number), new(number, version: 2)])));
        world.Start(system);
        foreach (var version in (int[])[1, 2])
        {
            await Task.WhenAll(numbers.Select(number => world.BuildAsync(system, NumberedTally.NameOf(number), version)));
            if (version == 1)
            {
                await RunAsync(system, new SwitchCommand { Projection = Name(1), To = 1, With = [.. numbers.Skip(1).Select(number => $"{Name(number)}=1")], MaxLag = Deadline.Generous });
            }
        }

        return system;
    }

    private static async Task<IReadOnlyList<int>> LiveAsync(World world) =>
        [.. (await world.Catalog.ReadAllAsync(CancellationToken.None)).Select(projection => projection.LiveVersion!.Value)];

    private async Task<IReadOnlyList<Seen>> ReadForAsync(World world, int names, Func<Task> meanwhile)
    {
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, _readers).Select(_ => Task.Run(() => ReadAsync(world, names, stop.Token))).ToList();
        await meanwhile();
        await stop.CancelAsync();
        return await Task.WhenAll(readers);
    }

    private async Task<Seen> ReadAsync(World world, int names, CancellationToken stop)
    {
        await using var connection = await world.ConnectAsync("reader");
        var numbers = Enumerable.Range(1, names).Reverse().ToList();
        await using var read = new NpgsqlCommand(
            $"select {string.Join(", ", numbers.Select(number => $"t{number}.version"))} from tally_{numbers[0]} t{numbers[0]} {string.Join(" ", numbers.Skip(1).Select(number => $"join tally_{number} t{number} using (id)"))} where id = '{TallyWorld.StreamOf(1)}'",
            connection);
        var seen = new Seen(0, 0, 0, TimeSpan.Zero, null);
        var last = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var began = Stopwatch.GetTimestamp();
                await using var row = await read.ExecuteReaderAsync(CancellationToken.None);
                await row.ReadAsync(CancellationToken.None);
                var versions = Enumerable.Range(0, names).Select(row.GetInt32).ToList();
                var took = Stopwatch.GetElapsedTime(began);
                seen = seen with
                {
                    Reads = seen.Reads + 1,
                    Mixed = seen.Mixed + (versions.Distinct().Count() > 1 ? 1 : 0),
                    Changes = seen.Changes + (last != 0 && last != versions[0] ? 1 : 0),
                    Longest = took > seen.Longest ? took : seen.Longest,
                };
                last = versions[0];
                Interlocked.Increment(ref _reads);
            }
            catch (PostgresException exception)
            {
                return seen with { Failure = exception.Message };
            }
        }

        return seen;
    }

    /// <param name="Reads">How many reads succeeded.</param>
    /// <param name="Mixed">How many saw some names before a release and others after it.</param>
    /// <param name="Changes">How many saw another version than the one before.</param>
    /// <param name="Longest">How long the longest took.</param>
    /// <param name="Failure">Why reading ended early, or <c>null</c>.</param>
    private sealed record Seen(int Reads, int Mixed, int Changes, TimeSpan Longest, string? Failure);
}
