using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.PostgresEvents;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>Versions that are rebuilt at the same time read history once, and what becomes of one is no matter to the others.</summary>
public sealed class SharedPassTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Events = 20_000;
    private const int Streams = 100;
    private const int Tallies = 4;

    // Behind the first batches, of 4,096 events each, and before the last.
    private const int Middle = 10_000;

    [PostgresFact]
    public async Task Rebuilds_that_begin_together_read_history_once()
    {
        var decoded = 0;
        var types = EventTypes.Create(types => types.Map<Added>("other").Upcast<OldAdded, Added>(TallyEvents.Added, old =>
        {
            Interlocked.Increment(ref decoded);
            return new Added(old.Amount);
        }));
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Events, Streams);
        using var log = new RecordedLog();
        var source = new CountedSource(await SourceOfAsync(world)) { HeldAfter = 0 };
        var system = await world.OpenAsync(Registry(types), source: source, loggers: log);
        await AskForAllAsync(system);

        world.Start(system);
        await Deadline.UntilAsync(() => log.Lines.Count(line => line.Text.Contains("together with", StringComparison.Ordinal)), count => count >= Tallies - 1, "begin all together");
        source.Release();

        await AllAreReadyAsync(world);
        // A batch that was read before the last of them came is read again for all.
        source.Read.ShouldBeInRange(Events, Events * 3 / 2);
        decoded.ShouldBeInRange(Events, Events * 3 / 2);
        await AllRowsAreRightAsync(world);
    }

    [PostgresFact]
    public async Task One_command_has_all_rebuilt_once_however_often_it_comes()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Events, Streams);
        var system = await world.OpenAsync(Registry(TallyEvents.Types));
        var all = new RebuildCommand { Projection = new ProjectionName(NumberedTally.NameOf(1)), With = ["*"] };
        var context = new CommandContext("test", Guid.NewGuid());
        world.Start(system);

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => all.RunAsync(system, context, CancellationToken.None)));

        var done = results.Where(result => !result.AlreadyDone).ShouldHaveSingleItem();
        done.With.Select(other => other.Version.Projection.Value).ShouldBe(Enumerable.Range(2, Tallies - 1).Select(NumberedTally.NameOf), ignoreOrder: true);
        await AllAreReadyAsync(world);
        await AllRowsAreRightAsync(world);
    }

    [PostgresFact]
    public async Task One_that_fails_leaves_the_pass_and_goes_on_later_and_the_others_do_not_notice()
    {
        var folded = 0;
        var failing = new TallyV1 { Folding = _ => ThrowIf(Interlocked.Increment(ref folded) == Middle) };
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Events, Streams);
        var system = await world.OpenAsync(Registry(TallyEvents.Types, failing));
        await AskForAllAsync(system);
        await World.AskToBuildAsync(system, "tally", 1);

        world.Start(system);

        await AllAreReadyAsync(world);
        var failed = await world.BecomesAsync("tally", 1, VersionState.Failed);
        failed.Failure!.ShouldContain("not this one");
        await new ResumeCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(Events);
        await AllRowsAreRightAsync(world);
    }

    [PostgresFact]
    public async Task One_that_is_paused_leaves_the_pass_and_goes_on_later_and_the_others_do_not_notice()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Events, Streams);
        var source = new CountedSource(await SourceOfAsync(world)) { HeldAfter = Middle };
        var system = await world.OpenAsync(Registry(TallyEvents.Types), source: source);
        await AskForAllAsync(system);
        world.Start(system);
        await Deadline.UntilAsync(() => source.Held, held => held > 0, "come to the middle");

        var paused = new ProjectionName(NumberedTally.NameOf(1));
        await new PauseCommand { Projection = paused }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.UntilAsync(paused.Value, 1, version => version is { State: VersionState.Paused, IsLeased: false }, "paused");
        source.Release();

        foreach (var number in Enumerable.Range(2, Tallies - 1))
        {
            await world.BecomesAsync(NumberedTally.NameOf(number), 1, VersionState.Ready);
        }

        await new ResumeCommand { Projection = paused }.RunAsync(system, World.Someone, CancellationToken.None);
        await AllAreReadyAsync(world);
        await AllRowsAreRightAsync(world);
    }

    [PostgresFact]
    public async Task A_worker_that_goes_on_for_another_takes_each_up_where_it_was_and_shares_again()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(Events, Streams);
        var held = new CountedSource(await SourceOfAsync(world)) { HeldAfter = Middle };
        // A commit after each batch, so that the versions stop at different places.
        var system = await world.OpenAsync(Registry(TallyEvents.Types), options => options.ReplayCommitInterval = TimeSpan.FromMilliseconds(10), source: held);
        await AskForAllAsync(system);
        var worker = world.Start(system);
        await Deadline.UntilAsync(() => held.Held, waiting => waiting > 0, "come to the middle");
        await world.StopAsync(worker);
        await AddToAllAsync(world);

        world.Start(await world.OpenAsync(Registry(TallyEvents.Types)));

        await AllAreReadyAsync(world);
        await AllRowsAreRightAsync(world, Events + Streams);
    }

    [PostgresFact]
    public async Task Killed_in_mid_pass_a_worker_leaves_each_version_to_whoever_takes_over_with_the_rows_of_a_rebuild_that_was_left_alone()
    {
        var shipped = ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly);
        VersionId[] versions = [VersionOf("invoice_summary", 2), VersionOf("customer_balance", 1), VersionOf("customer_month_revenue", 1)];
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(4_000);
        var system = await world.OpenAsync(shipped);
        foreach (var version in versions)
        {
            await World.AskToBuildAsync(system, version.Projection.Value, version.Number);
        }

        // So a kill meets some of them before a commit, some within one, and some behind it.
        await world.Database.ExecuteAsync(
            """
            create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.2); return new; end $$;
            create trigger dawdling before update of position_major on projections.version for each row when (new.phase = 'replaying') execute function dawdle()
            """);
        for (var kill = 1; kill <= 3; kill++)
        {
            await using var worker = WorkerProcess.Start(world, [("Projections__ReplayCommitInterval", "00:00:00.050")], "run");
            if (kill == 1)
            {
                await worker.SaysAsync("together with");
            }

            await Task.WhenAll(versions.Select(version => MovesAsync(world, version)));
            await worker.KillAsync();
        }

        await world.Database.ExecuteAsync("drop trigger dawdling on projections.version");
        world.Start(system);
        foreach (var version in versions)
        {
            await world.BecomesAsync(version.Projection.Value, version.Number, VersionState.Ready);
            (await world.RowsAsync(version, atLeast: 10)).ShouldBe(await world.UndisturbedAsync(postgres, shipped, version, atLeast: 10), version.ToString());
        }
    }

    private static VersionId VersionOf(string projection, int number) => new(new ProjectionName(projection), number);

    /// <summary>Waits until a version has come further, or is past its replay.</summary>
    private static async Task MovesAsync(World world, VersionId id)
    {
        var before = (await world.Catalog.ReadAsync(id.Projection, CancellationToken.None))?.Find(id.Number)?.Checkpoint;
        await world.UntilAsync(
            id.Projection.Value,
            id.Number,
            version => version.Checkpoint is { } now && (before is null || now > before || !version.State.IsBuild() || version.State == VersionState.CatchingUp),
            "moved on");
    }

    private static void ThrowIf(bool isTheOne)
    {
        if (isTheOne)
        {
            throw new InvalidOperationException("not this one");
        }
    }

    private static async Task<PostgresEventSource> SourceOfAsync(World world) =>
        await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero });

    private static ProjectionRegistry Registry(EventTypes types, params IEnumerable<ProjectionVersion> others) =>
        ProjectionRegistry.Of([.. Enumerable.Range(1, Tallies).Select(number => new NumberedTally(number, types)), .. others]);

    private static async Task AskForAllAsync(ProjectionSystem system)
    {
        foreach (var number in Enumerable.Range(1, Tallies))
        {
            await World.AskToBuildAsync(system, NumberedTally.NameOf(number), 1);
        }
    }

    private static async Task AddToAllAsync(World world)
    {
        foreach (var number in Enumerable.Range(0, Streams))
        {
            await world.AddAsync(TallyWorld.StreamOf(number), 1);
        }
    }

    private static async Task AllAreReadyAsync(World world)
    {
        foreach (var number in Enumerable.Range(1, Tallies))
        {
            await world.BecomesAsync(NumberedTally.NameOf(number), 1, VersionState.Ready);
        }
    }

    private static async Task AllRowsAreRightAsync(World world, int events = Events)
    {
        foreach (var number in Enumerable.Range(1, Tallies))
        {
            var rows = await world.ColumnAsync($"select concat_ws(' ', id, total) from {NumberedTally.NameOf(number)}_v1 order by id");
            rows.ShouldBe(Enumerable.Range(0, Streams).Select(stream => $"{TallyWorld.StreamOf(stream)} {events / Streams}"), ignoreOrder: true, NumberedTally.NameOf(number));
        }
    }

    private sealed record OldAdded(int Amount);
}
