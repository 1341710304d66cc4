using Microsoft.Extensions.Logging.Abstractions;
using Projections.Checks;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.Reports;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Tests.Operations;

/// <summary>What is told of a lag by a process that has only begun to look for the safe head.</summary>
public sealed class ReadStatusTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly ProjectionName Name = new("invoice_summary");

    [PostgresFact]
    public async Task The_head_is_at_least_the_highest_checkpoint_and_a_lag_that_is_not_known_is_not_told_as_none()
    {
        await using var database = await postgres.CreateDatabaseAsync();

        var status = await ReadAsync(database, new ToldSource(new SafeHead(new EventPosition(100_000), new EventPosition(450_000), IsAtLeast: true)), checkpoint: 250_000);

        status.Head.Position.ShouldBe(new EventPosition(250_000));
        status.Versions[0].Lag.ShouldBeNull();
    }

    [PostgresFact]
    public async Task A_source_that_has_only_begun_to_look_is_asked_again_and_its_head_is_known()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var known = new SafeHead(new EventPosition(450_000), new EventPosition(450_000));

        var status = await ReadAsync(database, new ToldSource(new SafeHead(new EventPosition(100_000), new EventPosition(450_000), IsAtLeast: true), known), checkpoint: 440_000);

        status.Head.ShouldBe(known);
        status.Versions[0].Lag.ShouldNotBeNull().ShouldSatisfyAllConditions(lag => lag.Events.ShouldBe(10_000), lag => lag.IsAtLeast.ShouldBeFalse());
    }

    [PostgresFact]
    public async Task A_lag_up_to_a_head_that_may_lie_further_on_is_told_as_at_least()
    {
        await using var database = await postgres.CreateDatabaseAsync();

        var status = await ReadAsync(database, new ToldSource(new SafeHead(new EventPosition(100_000), new EventPosition(450_000), IsAtLeast: true)), checkpoint: 90_000);

        status.Versions[0].Lag.ShouldNotBeNull().ShouldSatisfyAllConditions(lag => lag.Events.ShouldBe(10_000), lag => lag.IsAtLeast.ShouldBeTrue());
    }

    [PostgresFact]
    public async Task A_lag_that_was_estimated_is_told_as_about_so_much()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var head = new SafeHead(new EventPosition(100_000), new EventPosition(100_000));

        var status = await ReadAsync(database, new ToldSource(head) { IsAbout = true }, checkpoint: 90_000);

        status.Versions[0].Lag.ShouldNotBeNull().EventsText.ShouldBe("about 10,000 events");
        VersionReport.Of(status.Versions[0], null).LagIsAbout.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task Where_the_head_is_known_so_is_the_lag_and_a_checkpoint_of_a_store_that_was_restored_does_not_move_it()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var head = new SafeHead(new EventPosition(100_000), new EventPosition(100_000));

        var (behind, restored) = (await ReadAsync(database, new ToldSource(head), checkpoint: 90_000), await ReadAsync(database, new ToldSource(head), checkpoint: 250_000));

        behind.Versions[0].Lag.ShouldNotBeNull().ShouldSatisfyAllConditions(lag => lag.Events.ShouldBe(10_000), lag => lag.IsAtLeast.ShouldBeFalse());
        restored.Head.Position.ShouldBe(head.Position);
    }

    [PostgresFact]
    public async Task An_estimate_that_fails_leaves_the_rest_of_the_status_as_it_is()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var source = new ToldSource(new SafeHead(new EventPosition(100_000), new EventPosition(100_000))) { EstimatesFail = true };

        var status = await ReadAsync(database, source, checkpoint: 90_000);

        status.Versions[0].Version.Checkpoint.ShouldBe(new EventPosition(90_000));
        status.Versions[0].Lag.ShouldBeNull();
    }

    [PostgresFact]
    public async Task A_store_that_cannot_say_where_its_head_is_leaves_states_and_checkpoints_as_they_are_and_no_lag_known()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var source = new ToldSource(new SafeHead(new EventPosition(100_000), new EventPosition(100_000))) { Away = new EventSourceUnusable("The password is wrong.") };

        var status = await ReadAsync(database, source, checkpoint: 90_000);

        status.SourceTrouble.ShouldBe("The password is wrong.");
        status.Versions[0].Version.Checkpoint.ShouldBe(new EventPosition(90_000));
        status.Versions[0].Lag.ShouldBeNull();
        (status.Head.Position, status.Head.IsAtLeast).ShouldBe((new EventPosition(90_000), true));
    }

    [PostgresFact]
    public async Task Nobody_is_judged_by_a_check_while_the_store_cannot_be_read()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var system = await OpenAsync(database, new ToldSource(new SafeHead(EventPosition.BeforeFirst, EventPosition.BeforeFirst)) { Away = new EventSourceUnavailable("It is away.") });

        var failed = await Should.ThrowAsync<EventSourceUnavailable>(new CheckCommand { Projection = Name }.RunAsync(system, new CommandContext("test"), CancellationToken.None));

        failed.Message.ShouldBe("It is away.");
    }

    private static async Task<ProjectionStatus> ReadAsync(TestDatabase database, IEventSource source, long checkpoint)
    {
        await using var system = await OpenAsync(database, source);
        await database.ExecuteAsync($"update projections.version set position_major = {checkpoint}, position_minor = 0, checkpointed_at = now()");
        return (await new ReadStatus(system).RunAsync(Name, CancellationToken.None))[0];
    }

    private static async Task<ProjectionSystem> OpenAsync(TestDatabase database, IEventSource source)
    {
        var system = new ProjectionSystem(
            ProjectionRegistry.Of(new InvoiceSummaryV1()), database.ConnectionString, source, new ProjectionsOptions(), NullLoggerFactory.Instance);
        await system.Catalog.InstallAsync(CancellationToken.None);
        if (await system.Catalog.ReadAsync(Name, CancellationToken.None) is null)
        {
            await new RebuildCommand { Projection = Name, To = 1, Why = "because" }.RunAsync(system, new CommandContext("test"), CancellationToken.None);
        }

        return system;
    }

    /// <summary>A source that knows of its head what it was told, at each look the next and at last always the same, and whose every position is a wanted event.</summary>
    private sealed class ToldSource(params SafeHead[] heads) : IEventSource
    {
        private int _looks;

        public bool EstimatesFail { get; init; }

        public bool IsAbout { get; init; }

        public Exception? Away { get; init; }

        public string Identity => "told";

        public Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken) => Away is null ? Task.FromResult(heads[Math.Min(_looks++, heads.Length - 1)]) : Task.FromException<SafeHead>(Away);

        public IAsyncEnumerable<EventBatch> ReadAsync(EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken) =>
            AsyncEnumerable.Empty<EventBatch>();

        public Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
            EstimatesFail ? Task.FromException<EventCount>(new EventSourceUnavailable("It takes too long.")) : Task.FromResult(new EventCount(Math.Max(0, heads[^1].Position.Major - after.Major), IsAbout));

        public Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken) => Task.FromResult<DateTime?>(DateTime.UnixEpoch);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
