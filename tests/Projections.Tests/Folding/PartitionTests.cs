using FsCheck;
using FsCheck.Fluent;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;
using Projections.Tests.Events;
using Projections.Tests.Tables;

namespace Projections.Tests.Folding;

/// <summary>In how many partitions a history is folded makes no difference.</summary>
public sealed class PartitionTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_table_is_the_same_in_however_many_partitions_it_was_folded()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new StreamLedger());

        Prop.ForAll(LedgerScenario.Arbitrary(600), Gen.Choose(2, 5).ToArbitrary(), (scenario, partitions) =>
            {
                var (rows, setAside) = Run(table, scenario, 1);
                var (otherRows, otherSetAside) = Run(table, scenario, partitions);
                otherRows.ShouldBe(rows);
                otherSetAside.ShouldBe(setAside);
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [PostgresFact]
    public async Task The_poison_that_a_version_stops_at_is_the_first_of_all_partitions()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new StreamLedger(PoisonPolicy.Stop));
        using var fold = table.Open(partitions: 4);
        RecordedEvent[] history = [.. Enumerable.Range(1, 100).Select(i => Recorded.Event(i, "opened", $$"""{"id":{{i}},"amount":{{(i >= 38 ? Ledger.Unlucky : 1)}}}""", new StreamId($"ledger-{i}")))];

        (await Should.ThrowAsync<PoisonEvent>(table.FoldAsync(fold, history))).Position.Major.ShouldBe(38);
    }

    [PostgresFact]
    public async Task Partitions_work_side_by_side()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        using var both = new Barrier(2);
        var version = new Meeting(() => both.SignalAndWait(TimeSpan.FromSeconds(30)).ShouldBeTrue());
        await using var table = await VersionTable.CreateAsync(database, version);
        using var fold = table.Open(partitions: 2);

        // Of so many streams each partition has some; the first event of each waits for the other partition.
        (await table.FoldAsync(fold, [.. Enumerable.Range(1, 40).Select(i => Recorded.Event(i, "opened", """{"id":1,"amount":1}""", new StreamId(Guid.NewGuid())))])).ShouldBe(40);
    }

    [PostgresFact]
    public async Task A_version_whose_rows_are_made_of_several_streams_is_folded_in_order_in_one_partition()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var seen = new List<int>();
        await using var table = await VersionTable.CreateAsync(database, new CrossKey(seen));
        using var fold = table.Open(partitions: 4);

        await table.FoldAsync(fold, [.. Enumerable.Range(1, 400).Select(i => Recorded.Event(i, "counted", $$"""{"id":{{i}},"amount":1}""", new StreamId($"ledger-{i}")))]);

        seen.ShouldBe(Enumerable.Range(1, 400));
    }

    private static (IReadOnlyList<string> Rows, IReadOnlyList<long> SetAside) Run(VersionTable table, LedgerScenario scenario, int partitions) =>
        Task.Run(() => RunAsync(table, scenario, partitions)).GetAwaiter().GetResult();

    private static async Task<(IReadOnlyList<string> Rows, IReadOnlyList<long> SetAside)> RunAsync(VersionTable table, LedgerScenario scenario, int partitions)
    {
        await table.ExecuteAsync("truncate stream_ledger_v1");
        using var run = new LedgerRun(table, scenario, partitions);
        await run.RunAsync();
        return (await table.RowsAsync(), run.SetAside);
    }

    private sealed class Meeting(Action meet) : TableProjection<Guid, Meeting.Row>("meeting", 1, LedgerEvents.Types)
    {
        private readonly ThreadLocal<bool> _met = new();

        public override VersionFiles Files => new("test/Meeting/V1", "create table meeting_v1 (id uuid primary key)", null, "drop table meeting_v1", "none");

        protected override void Define(FoldDefinition<Guid, Row> on) => on.Event<Opened>().ByStream().Creates((row, e) =>
        {
            if (!_met.Value)
            {
                _met.Value = true;
                meet();
            }
        });

        public sealed class Row
        {
            [System.ComponentModel.DataAnnotations.Key]
            public Guid Id { get; set; }
        }
    }

    private sealed class CrossKey(List<int> seen) : TableProjection<int, CrossKey.Row>("cross_key", 1, LedgerEvents.Types)
    {
        public override VersionFiles Files => new("test/CrossKey/V1", "create table cross_key_v1 (id int primary key)", null, "drop table cross_key_v1", "none");

        protected override void Define(FoldDefinition<int, Row> on) => on.Event<Counted>().By(e => e.Data.Id).Upserts((row, e) => seen.Add(e.Data.Id));

        public sealed class Row
        {
            [System.ComponentModel.DataAnnotations.Key]
            public int Id { get; set; }
        }
    }
}
