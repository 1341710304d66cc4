using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;
using Projections.TestServers.Faults;

namespace Projections.EndToEnd;

/// <summary>Several projections that one worker follows: whoever joins their tables sees all of them at one position.</summary>
public sealed class GroupTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Seeded = 200;

    /// <summary>In each statement that commits checkpoints, of however many versions.</summary>
    private const string Checkpoints = "set position_major";

    [PostgresFact]
    public async Task A_join_of_several_read_models_never_sees_two_positions()
    {
        await using var world = await World.CreateAsync(postgres);
        await FollowAsync(world, Numbered(1, 2, 3, 4));

        await LookWhileAddingAsync(world, [1, 2, 3, 4]);
    }

    [PostgresFact]
    public async Task Nor_does_one_of_tables_that_are_written_by_statements_of_their_own()
    {
        await using var world = await World.CreateAsync(postgres);
        await FollowAsync(world, [.. Numbered(1, 2), new SqlTallyV1()]);

        await LookWhileAddingAsync(world, [1, 2], "tally_v1");
    }

    [PostgresFact]
    public async Task Rows_and_checkpoints_of_all_projections_are_committed_by_one_batch()
    {
        await using var world = await World.CreateAsync(postgres);
        await FollowAsync(world, Numbered(1, 2, 3));

        using var sent = new SentStatements(world.Database.Name);
        var committed = sent.NextAsync(text => text.Contains(Checkpoints, StringComparison.Ordinal));
        await AddAndAwaitAsync(world, [1, 2, 3]);
        await committed;

        sent.Count(Checkpoints).ShouldBe(1);
        sent.Count("savepoint").ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_projection_that_is_not_named_commits_by_itself()
    {
        await using var world = await World.CreateAsync(postgres);
        await FollowAsync(world, Numbered(1, 2, 3), options => options.FollowTogether = "tally_1, *_2");

        using var sent = new SentStatements(world.Database.Name);
        await AddAndAwaitAsync(world, [1, 2, 3]);

        sent.Count(Checkpoints).ShouldBe(2);
    }

    [PostgresFact]
    public async Task Each_of_several_groups_commits_by_itself()
    {
        await using var world = await World.CreateAsync(postgres);
        await FollowAsync(world, Numbered(1, 2, 3, 4), options => options.FollowTogether = "tally_1, tally_2; tally_3, tally_4");

        using var sent = new SentStatements(world.Database.Name);
        await AddAndAwaitAsync(world, [1, 2, 3, 4]);

        sent.Count(Checkpoints).ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_member_that_is_paused_leaves_alone_and_comes_back_to_the_position_of_the_others()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await FollowAsync(world, Numbered(1, 2, 3));
        var paused = new ProjectionName(NumberedTally.NameOf(2));

        await new PauseCommand { Projection = paused, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.UntilAsync(paused.Value, 1, version => version is { State: VersionState.Paused, IsLeased: false }, "paused");
        await LookWhileAddingAsync(world, [1, 3]);
        (await TotalAsync(world, 2)).ShouldBeLessThan(await TotalAsync(world, 1));

        await new ResumeCommand { Projection = paused, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync(paused.Value, 1, VersionState.Ready);
        await GatherAsync(world, [1, 2, 3]);
        await LookWhileAddingAsync(world, [1, 2, 3]);
    }

    [PostgresFact]
    public async Task A_member_that_fails_leaves_alone_and_comes_back_when_it_is_mended()
    {
        await using var world = await World.CreateAsync(postgres);
        var failing = new TallyV1();
        var system = await FollowAsync(world, [.. Numbered(1, 2), failing]);

        failing.Folding = amount => _ = amount == 13 ? throw new InvalidOperationException("Thirteen is not allowed here.") : amount;
        await world.AddAsync(TallyWorld.StreamOf(0), 13);
        await world.UntilAsync("tally", 1, version => version is { State: VersionState.Failed, IsLeased: false }, "failed");
        await LookWhileAddingAsync(world, [1, 2]);

        failing.Folding = _ => { };
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        await GatherAsync(world, [1, 2], "tally_v1");
        await LookWhileAddingAsync(world, [1, 2], "tally_v1");
    }

    [PostgresFact]
    public async Task A_member_whose_table_somebody_has_locked_is_not_waited_for()
    {
        await using var world = await World.CreateAsync(postgres);
        await FollowAsync(world, Numbered(1, 2, 3), options => options.CandidateShare = TimeSpan.FromMilliseconds(200));
        var before = await TotalAsync(world, 2);

        await using (var other = await world.ConnectAsync("maintenance"))
        {
            await using var transaction = await other.BeginTransactionAsync();
            await using var command = new NpgsqlCommand("lock table tally_2_v1 in share mode", other);
            await command.ExecuteNonQueryAsync();
            for (var events = 0; events < 5; events++)
            {
                await AddAndAwaitAsync(world, [1, 3]);
            }

            (await TotalAsync(world, 2)).ShouldBe(before);
            await transaction.RollbackAsync();
        }

        await AddAndAwaitAsync(world, [1, 2, 3]);
    }

    [PostgresFact]
    public async Task A_member_whose_handler_does_not_return_is_not_waited_for()
    {
        await using var world = await World.CreateAsync(postgres);
        var crawling = new TallyV1();
        await FollowAsync(world, [.. Numbered(1, 2), crawling], options => options.CandidateShare = TimeSpan.FromMilliseconds(200));

        using var release = new ManualResetEventSlim();
        crawling.Folding = _ => release.Wait(2 * Deadline.Generous);
        for (var events = 0; events < 5; events++)
        {
            await AddAndAwaitAsync(world, [1, 2]);
        }

        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBeLessThan(await TotalAsync(world, 1));
        release.Set();
        await AddAndAwaitAsync(world, [1, 2], "tally_v1");
    }

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_of_which_nobody_knows_whether_it_arrived_is_done_once(bool arrives)
    {
        await using var world = await World.CreateAsync(postgres);
        await using var way = FaultyProxy.ToPostgres(world.Database.ConnectionString);
        await FollowAsync(world, Numbered(1, 2, 3), through: way);

        var fault = arrives ? WireFault.BreakAfter : WireFault.BreakBefore;
        var broken = 0;
        way.FaultAt = statement => statement.Text.Contains(Checkpoints, StringComparison.Ordinal) && Interlocked.Exchange(ref broken, 1) == 0 ? fault : null;
        await AddAndAwaitAsync(world, [1, 2, 3]);

        broken.ShouldBe(1);
        await GatherAsync(world, [1, 2, 3]);
        await LookWhileAddingAsync(world, [1, 2, 3]);
        await AddAndAwaitAsync(world, [1, 2, 3]);
    }

    [PostgresFact]
    public async Task A_worker_that_takes_over_takes_the_whole_group()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Seeded);
        // Nobody loses a lease by the machine's being busy.
        void Long(ProjectionsOptions options) => options.LeaseDuration = TimeSpan.FromMinutes(2);
        var versions = Numbered(1, 2, 3, 4);
        var system = await world.OpenAsync(ProjectionRegistry.Of(versions), Long);
        var first = world.Start(system);
        foreach (var version in versions)
        {
            await world.BuildAsync(system, version.Id.Projection.Value, 1);
        }

        world.Start(await world.OpenAsync(ProjectionRegistry.Of(Numbered(1, 2, 3, 4)), Long));
        world.Start(await world.OpenAsync(ProjectionRegistry.Of(Numbered(1, 2, 3, 4)), Long));

        await world.StopAsync(first);

        await world.EventuallyAsync($"select count(*) from projections.version where lease_until > clock_timestamp() and lease_holder <> '{system.Name}'", 4L);
        (await world.Database.ScalarAsync<long>("select count(distinct lease_holder) from projections.version")).ShouldBe(1);
        await GatherAsync(world, [1, 2, 3, 4]);
        await LookWhileAddingAsync(world, [1, 2, 3, 4]);
    }

    [PostgresFact]
    public async Task A_worker_leaves_what_it_follows_to_one_that_follows_some_of_the_group_and_knows_more_of_it()
    {
        await using var world = await World.CreateAsync(postgres);
        await FollowAsync(world, Numbered(1, 2));

        var newer = await world.OpenAsync(ProjectionRegistry.Of(Numbered(1, 2, 3)));
        world.Start(newer);
        await world.BuildAsync(newer, NumberedTally.NameOf(3), 1);

        await world.EventuallyAsync(HeldBy(newer), 3L);
        await GatherAsync(world, [1, 2, 3]);
        await LookWhileAddingAsync(world, [1, 2, 3]);
    }

    [PostgresFact]
    public async Task Programs_that_know_different_projections_each_follow_their_own()
    {
        await using var world = await World.CreateAsync(postgres);
        var first = await FollowAsync(world, Numbered(1, 2));

        var second = await world.OpenAsync(ProjectionRegistry.Of(Numbered(3, 4)));
        world.Start(second);
        await world.BuildAsync(second, NumberedTally.NameOf(3), 1);
        await world.BuildAsync(second, NumberedTally.NameOf(4), 1);

        await GatherAsync(world, [1, 2, 3, 4]);
        (await world.Database.ScalarAsync<long>(HeldBy(first))).ShouldBe(2);
        (await world.Database.ScalarAsync<long>(HeldBy(second))).ShouldBe(2);
    }

    [PostgresFact]
    public async Task What_a_program_has_otherwise_than_its_table_was_built_it_leaves_to_one_that_has_it_so()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Seeded);
        var first = await world.OpenAsync(ProjectionRegistry.Of([new TallyV1(), .. Numbered(1)]));
        var worker = world.Start(first);
        await world.BuildAsync(first, "tally", 1);
        await world.BuildAsync(first, NumberedTally.NameOf(1), 1);
        var edited = new TallyV1();
        edited.Folder = edited.Folder with { Hash = new string('5', 64) };
        var other = await world.OpenAsync(ProjectionRegistry.Of([edited, .. Numbered(2)]));
        world.Start(other);
        await world.BuildAsync(other, NumberedTally.NameOf(2), 1);
        var second = await world.OpenAsync(ProjectionRegistry.Of([new TallyV1(), .. Numbered(1)]));
        world.Start(second);

        await world.StopAsync(worker);

        await world.EventuallyAsync(HeldBy(second), 2L);
        await GatherAsync(world, [1, 2], "tally_v1");
    }

    private static string HeldBy(ProjectionSystem system) =>
        $"select count(*) from projections.version where lease_until > clock_timestamp() and lease_holder = '{system.Name}'";

    private static ProjectionVersion[] Numbered(params int[] numbers) => [.. numbers.Select(number => new NumberedTally(number))];

    /// <summary>Builds all, and waits until one worker follows them together.</summary>
    private static async Task<ProjectionSystem> FollowAsync(World world, ProjectionVersion[] versions, Action<ProjectionsOptions>? configure = null, FaultyProxy? through = null)
    {
        await world.SeedTalliesAsync(Seeded);
        var system = await world.OpenAsync(ProjectionRegistry.Of(versions), configure, through: through);
        world.Start(system);
        foreach (var version in versions)
        {
            await world.BuildAsync(system, version.Id.Projection.Value, 1);
        }

        await GatherAsync(world, [], [.. versions.Select(version => version.Id.Table)]);
        return system;
    }

    /// <summary>Who has just come catches up from the source alone, and is with the others at the next event.</summary>
    private static async Task GatherAsync(World world, int[] numbers, params string[] tables)
    {
        for (var events = 0; events < 3; events++)
        {
            await AddAndAwaitAsync(world, numbers, tables);
        }
    }

    private static async Task AddAndAwaitAsync(World world, int[] numbers, params string[] tables)
    {
        await world.AddAsync(TallyWorld.StreamOf(0), 1);
        var total = await world.Database.ScalarAsync<long>("select sum((data ->> 'amount')::int) from events.mt_events");
        foreach (var table in All(numbers, tables))
        {
            await world.EventuallyAsync($"select sum(total)::bigint from {table}", total);
        }
    }

    private static async Task LookWhileAddingAsync(World world, int[] numbers, params string[] tables)
    {
        var sums = string.Join(", ", All(numbers, tables).Select(table => $"(select sum(total)::bigint from {table})"));
        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token);
        var seen = new HashSet<long>();
        await using var connection = await world.Sql.OpenConnectionAsync();
        for (var look = 0; look < 500 || seen.Count < 30; look++)
        {
            await using var command = new NpgsqlCommand($"select array[{sums}]", connection);
            var totals = (long[])(await command.ExecuteScalarAsync())!;
            totals.Distinct().Count().ShouldBe(1, $"look {look}: {string.Join(", ", totals)}");
            seen.Add(totals[0]);
        }

        await stop.CancelAsync();
        await adding;
    }

    private static IEnumerable<string> All(int[] numbers, string[] tables) => [.. numbers.Select(number => $"{NumberedTally.NameOf(number)}_v1"), .. tables];

    private static Task<long> TotalAsync(World world, int number) => world.Database.ScalarAsync<long>($"select sum(total)::bigint from {NumberedTally.NameOf(number)}_v1");
}
