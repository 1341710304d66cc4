using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>Sources that are empty, restored, or behind late writers; folders that changed.</summary>
public sealed class SourceTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_source_without_events_ends_and_the_version_is_caught_up_with_nothing()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);

        var ready = await world.BuildAsync(system, "tally", 1);

        ready.Checkpoint.ShouldNotBeNull();
        ready.EventsDone.ShouldBe(0);
        (await World.SwitchAsync(system, "tally", 1)).To.ShouldBe(1);
        await world.AddAsync(TallyWorld.StreamOf(1), 5);
        await world.EventuallyAsync("select coalesce(sum(total), 0)::bigint from tally", 5L);
    }

    [PostgresFact]
    public async Task A_source_with_none_of_the_handled_types_ends_at_its_head()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(2_000);
        var head = await world.Database.ScalarAsync<long>("select max(seq_id) from events.mt_events");
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);

        var ready = await world.BuildAsync(system, "tally", 1);

        ready.Checkpoint.ShouldBe(new EventPosition(head));
        ready.EventsDone.ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_store_that_was_restored_to_an_earlier_point_breaks_its_versions_rather_than_being_followed()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await world.BuildBothTalliesAsync();
        await world.StopAsync(worker);
        await world.Database.ExecuteAsync("delete from events.mt_events where seq_id > 400; select setval('events.mt_events_sequence', 400)");

        world.Start(await world.OpenAsync(TallyWorld.Both));

        var broken = await world.UntilAsync("tally", 2, version => version.State == VersionState.Failed, "failed");
        broken.Failure.ShouldBe(
            "tally v2 is broken: its checkpoint is 500, but the event source has given out no position beyond 400. The store was restored to an earlier point, or it is another store. "
            + "Point the configuration at the right store and run 'projections resume tally --version 2', "
            + "or build it anew from this one: 'projections rebuild tally --to 2 --anew'. Until you switch, reads stay on the rows that there are.");
        (await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed")).Failure.ShouldStartWith("tally v1 is broken: ");
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe(500);
        system.Registry.Versions.Count.ShouldBe(2);
    }

    [PostgresFact]
    public async Task Transactions_that_commit_late_are_waited_for_and_those_that_roll_back_are_passed()
    {
        await using var world = await World.CreateAsync(postgres);
        var (_, _) = await world.BuildBothTalliesAsync();
        await using var late = await world.Sql.OpenConnectionAsync();
        await using var lost = await world.Sql.OpenConnectionAsync();
        var committing = await late.BeginTransactionAsync();
        var rollingBack = await lost.BeginTransactionAsync();
        await world.Store.AppendAsync(late, new StreamId(Guid.NewGuid()), [(TallyEvents.Added, """{"amount":10}""")]);
        await world.Store.AppendAsync(lost, new StreamId(Guid.NewGuid()), [(TallyEvents.Added, """{"amount":100}""")]);
        await world.AddAsync(TallyWorld.StreamOf(1), 1);

        // Held back by two transactions that could still bring lower positions to light.
        var system = await world.OpenAsync(TallyWorld.Both);
        var held = await system.Source.GetSafeHeadAsync(CancellationToken.None);
        held.Position.ShouldBe(new EventPosition(500));
        held.Hold.ShouldNotBeNull();
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(500);

        await rollingBack.RollbackAsync();
        await committing.CommitAsync();

        await world.EventuallyAsync("select sum(total)::bigint from tally_v1", 511L);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(511);
    }

    [PostgresFact]
    public async Task Many_writers_that_dawdle_and_roll_back_lose_nothing_and_double_nothing()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();

        var written = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => WriteLazilyAsync(world, writer)));

        await world.EventuallyAsync("select sum(total)::bigint from tally_v1", 500L + written.Sum());
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(500 + written.Sum());
    }

    [PostgresFact]
    public async Task A_version_whose_folder_changed_is_not_gone_on_with_until_that_is_accepted()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await world.BuildBothTalliesAsync();
        await new PauseCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.UntilAsync("tally", 2, version => !version.IsLeased, "let go of");
        await world.StopAsync(worker);
        var edited = new TallyV2();
        edited.Folder = edited.Folder with { Hash = new string('e', 64), TopHash = new string('e', 64) };
        var changed = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), edited));
        world.Start(changed);

        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(changed, World.Someone, CancellationToken.None);
        var refused = await world.UntilAsync("tally", 2, version => version.State == VersionState.Failed, "failed");
        refused.Failure.ShouldBe(
            "tally v2 was built with another content of projections/Tally/V2: the catalog has 222222222222, this program has eeeeeeeeeeee. "
            + "A version does not change once it is built: undo the change and make it in a new folder V3, or, if the rows are the same either way (a comment, a name), "
            + "accept it with 'projections accept tally --version 2 --why \"…\"'. Then run 'projections resume tally --version 2'.");

        var unexplained = await Should.ThrowAsync<OperationRefused>(
            new AcceptCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(changed, new CommandContext("test"), CancellationToken.None));
        unexplained.Message.ShouldBe("Cannot accept tally v2 without a reason: say with '--why' why its rows are the same.");
        await new AcceptCommand { Projection = TallyWorld.Tally, Version = 2, Why = "only a comment" }.RunAsync(changed, new CommandContext("test"), CancellationToken.None);
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(changed, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        (await world.AuditAsync("tally", 2)).ShouldContain(entry => entry.EndsWith("test accepted another content of projections/Tally/V2: the catalog has 222222222222, this program has eeeeeeeeeeee: only a comment"));
    }

    [PostgresFact]
    public async Task A_version_is_not_built_from_another_store_than_its_siblings()
    {
        await using var world = await World.CreateAsync(postgres);
        await using var other = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(10);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAsync(system, "tally", 1);
        await world.Database.ExecuteAsync("update projections.projection set source = 'marten:elsewhere'");

        var refused = await Should.ThrowAsync<OperationRefused>(World.AskToBuildAsync(system, "tally", 2));

        refused.Message.ShouldBe(
            $"Cannot rebuild 'tally': its versions are read from marten:elsewhere, and this program is configured to read {system.Source.Identity}. Positions of one store mean nothing in another; configure the right one.");
    }

    /// <returns>How much was committed.</returns>
    private static async Task<int> WriteLazilyAsync(World world, int writer)
    {
        var random = new Random(writer);
        var committed = 0;
        await using var connection = await world.Sql.OpenConnectionAsync();
        for (var i = 0; i < 40; i++)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await world.Store.AppendAsync(connection, new StreamId(Guid.NewGuid()), [(TallyEvents.Added, """{"amount":1}"""), (TallyEvents.Added, """{"amount":2}""")]);
            await Task.Delay(random.Next(i % 10 == 0 ? 200 : 20));
            if (random.Next(4) == 0)
            {
                await transaction.RollbackAsync();
            }
            else
            {
                await transaction.CommitAsync();
                committed += 3;
            }
        }

        return committed;
    }
}
