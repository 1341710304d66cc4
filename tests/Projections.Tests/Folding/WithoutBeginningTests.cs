using Projections.Definitions;
using Projections.Events;
using Projections.Testing;
using Projections.TestServers;
using Projections.Tests.Events;
using Projections.Tests.Tables;

namespace Projections.Tests.Folding;

/// <summary>What a version says of streams without a beginning counts for those alone, whichever way a batch is folded.</summary>
public sealed class WithoutBeginningTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly StreamId Cut = new("ledger-cut");
    private static readonly StreamId Whole = new("ledger-whole");

    private readonly List<StreamId> _asked = [];

    public static TheoryData<StreamsWithoutBeginning, bool, string[]> Choices => new()
    {
        { StreamsWithoutBeginning.Skip, false, ["1 2", "2 2"] },
        { StreamsWithoutBeginning.Skip, true, ["1 2", "2 2"] },
        { StreamsWithoutBeginning.Fold, false, ["1 2", "2 2", "8 1", "9 2"] },
        { StreamsWithoutBeginning.Fold, true, ["1 2", "2 2", "8 1", "9 2"] },
    };

    [PostgresTheory]
    [MemberData(nameof(Choices))]
    public async Task Events_of_a_stream_without_a_beginning_that_find_no_row_are_left_out_or_folded_and_the_store_is_asked_once(
        StreamsWithoutBeginning choice, bool inTwoPasses, string[] rows)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Ledger(PoisonPolicy.Stop) { OfCutStreams = choice });
        using var fold = table.Open(hasLostBeginning: AskAsync);
        await OpenThreeAsync(table, fold, inTwoPasses);

        await table.FoldAsync(
            fold,
            Recorded.Event(11, "added", """{"id":9,"amount":1}""", Cut),
            Recorded.Event(12, "transferred", """{"from":9,"to":1,"amount":1}""", Cut),
            Recorded.Event(13, "transferred", """{"from":8,"to":2,"amount":1}""", Cut),
            Recorded.Event(14, "closed", """{"id":7}""", Cut),
            Recorded.Event(15, "swept", """{"ids":[3,7]}""", Cut));
        await table.CommitAsync(fold);

        (await table.RowsAsync("concat(t.id, ' ', t.changes)")).ShouldBe(rows);
        _asked.ShouldBe([Cut]);
    }

    // The first of its rows has been deleted when the second is found to be missing.
    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_that_has_changed_rows_before_its_stream_is_asked_about_changes_them_once(bool inTwoPasses)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Ledger(PoisonPolicy.Stop) { OfCutStreams = StreamsWithoutBeginning.Skip });
        using var fold = table.Open(hasLostBeginning: AskAsync);
        await OpenThreeAsync(table, fold, inTwoPasses);

        await table.FoldAsync(fold, Recorded.Event(11, "swept", """{"ids":[3,1,7]}""", Cut), Recorded.Event(12, "added", """{"id":2,"amount":1}""", Cut));
        await table.CommitAsync(fold);

        (await table.RowsAsync("concat(t.id, ' ', t.changes)")).ShouldBe(["2 2"]);
    }

    [PostgresTheory]
    [InlineData(StreamsWithoutBeginning.Skip, false)]
    [InlineData(StreamsWithoutBeginning.Skip, true)]
    [InlineData(StreamsWithoutBeginning.Fold, false)]
    [InlineData(StreamsWithoutBeginning.Fold, true)]
    public async Task An_event_of_a_whole_stream_that_finds_no_row_stops_the_version_all_the_same(StreamsWithoutBeginning choice, bool inTwoPasses)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Ledger(PoisonPolicy.Stop) { OfCutStreams = choice });
        using var fold = table.Open(hasLostBeginning: AskAsync);
        await OpenThreeAsync(table, fold, inTwoPasses);

        var poison = await Should.ThrowAsync<PoisonEvent>(table.FoldAsync(
            fold, Recorded.Event(11, "added", """{"id":9,"amount":1}""", Cut), Recorded.Event(12, "closed", """{"id":7}""", Whole)));

        poison.Position.ShouldBe(new EventPosition(12));
        poison.Error.ShouldBe("there is no row 7 to delete; if that may be, say WhenMissing.Skip");
        _asked.ShouldBe([Cut, Whole]);
    }

    [PostgresFact]
    public async Task A_store_that_cannot_be_asked_is_no_fault_of_the_event()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Ledger { OfCutStreams = StreamsWithoutBeginning.Skip });
        using var fold = table.Open(hasLostBeginning: (_, _) => Task.FromException<bool>(new EventSourceUnavailable("away")));

        await Should.ThrowAsync<EventSourceUnavailable>(table.FoldAsync(fold, Recorded.Event(1, "added", """{"id":9,"amount":1}""", Cut)));

        fold.SetAside.ShouldBeEmpty();
    }

    private static async Task OpenThreeAsync(VersionTable table, IVersionFold fold, bool inTwoPasses)
    {
        await table.FoldAsync(fold, [.. Enumerable.Range(1, 3).Select(i => Recorded.Event(i, "opened", $$"""{"id":{{i}},"amount":1}""", Whole))]);
        await table.CommitAsync(fold);
        if (inTwoPasses)
        {
            fold.Forget();
        }
    }

    private Task<bool> AskAsync(RecordedEvent one, CancellationToken cancellationToken)
    {
        _asked.Add(one.Stream);
        return Task.FromResult(one.Stream == Cut);
    }
}
