using System.Text;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;
using Projections.Tests.Definitions;
using Projections.Tests.Events;
using Projections.Tests.Tables;

namespace Projections.Tests.Folding;

public sealed class PoisonTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    public static TheoryData<string, string, PoisonStage, string> Poison => new()
    {
        { "opened", """{"id":1,"amount":1}""", PoisonStage.Fold, "there is a row 1 already; if that may be, say WhenPresent.Replace or Upserts" },
        { "added", """{"id":9,"amount":1}""", PoisonStage.Fold, "there is no row 9 to update; if that may be, say WhenMissing.Skip or Upserts" },
        { "closed", """{"id":9}""", PoisonStage.Fold, "there is no row 9 to delete; if that may be, say WhenMissing.Skip" },
        { "added", """{"id":1,"amount":13}""", PoisonStage.Fold, "InvalidOperationException: unlucky" },
        { "shared", """{"ids":[1,2,3,2],"amount":12}""", PoisonStage.Fold, "InvalidOperationException: unlucky" },
        { "shared", """{"ids":[2,2,4,6,1],"amount":12}""", PoisonStage.Fold, "InvalidOperationException: unlucky" },
        { "swept", """{"ids":[1,2,9]}""", PoisonStage.Fold, "there is no row 9 to delete; if that may be, say WhenMissing.Skip" },
        { "swept", """{"ids":[1,1]}""", PoisonStage.Fold, "there is no row 1 to delete; if that may be, say WhenMissing.Skip" },
        { "transferred", """{"from":1,"to":2,"amount":13}""", PoisonStage.Fold, "InvalidOperationException: unlucky" },
        {
            "opened", """{"id":4}""", PoisonStage.Decode,
            "JSON deserialization for type 'Projections.Tests.Folding.Opened' was missing required properties including: 'amount'. The JSON has id."
        },
        {
            "swept", """{"ids":null}""", PoisonStage.Decode,
            "The constructor parameter 'Ids' on type 'Projections.Tests.Folding.Swept' doesn't allow null values. Consider updating its nullability annotation. Path: $.ids | LineNumber: 0 | BytePositionInLine: 11. The JSON has ids."
        },
        { "opened", "null", PoisonStage.Decode, "the body is null, expected a Opened" },
    };

    [PostgresTheory]
    [MemberData(nameof(Poison))]
    public async Task Poison_stops_the_version_before_the_event_and_says_where_and_why(string type, string json, PoisonStage stage, string error)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Ledger(PoisonPolicy.Stop));
        using var fold = table.Open();
        await table.FoldAsync(fold, Rows());
        await table.CommitAsync(fold);
        var before = await table.RowsAsync();

        var poison = await Should.ThrowAsync<PoisonEvent>(table.FoldAsync(
            fold, Recorded.Event(10, "counted", """{"id":1,"amount":3}"""), Recorded.Event(11, type, json, new StreamId("ledger-7")), Recorded.Event(12, "closed", """{"id":1}""")));

        poison.VersionId.ToString().ShouldBe("ledger v1");
        poison.Position.ShouldBe(new EventPosition(11));
        poison.Stream.ShouldBe("ledger-7");
        poison.Type.ShouldBe(type);
        poison.Stage.ShouldBe(stage);
        poison.Error.ShouldBe(error);
        poison.Message.ShouldBe(
            $"ledger v1 stopped at position 11: the event '{type}' of stream 'ledger-7' cannot be {(stage == PoisonStage.Decode ? "decoded" : "folded")}: {error}");
        fold.SetAside.ShouldBeEmpty();

        fold.Forget();
        fold.HasChanges.ShouldBeFalse();
        (await table.CommitAsync(fold)).ShouldBe(0);
        (await table.RowsAsync()).ShouldBe(before);
    }

    [PostgresFact]
    public async Task A_version_stops_at_the_first_bad_event_also_where_a_later_one_was_decoded_before_it_was_folded()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Ledger(PoisonPolicy.Stop));
        using var fold = table.Open();
        await table.FoldAsync(fold, Rows());
        await table.CommitAsync(fold);
        // From now on it decodes all events of a batch, loads their rows, and then folds them.
        fold.Forget();

        var poison = await Should.ThrowAsync<PoisonEvent>(table.FoldAsync(
            fold, Recorded.Event(11, "closed", """{"id":9}"""), Recorded.Event(12, "opened", """{"id":4}""")));

        poison.Position.ShouldBe(new EventPosition(11));
    }

    [PostgresTheory]
    [MemberData(nameof(Poison))]
    public async Task Poison_that_is_set_aside_changes_no_row_and_is_kept_whole(string type, string json, PoisonStage stage, string error)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, new Ledger());
        foreach (var fromTable in (bool[])[false, true])
        {
            await table.ExecuteAsync("truncate ledger_v1");
            using var fold = table.Open();
            await table.FoldAsync(fold, Rows());
            await table.CommitAsync(fold);
            var before = await table.RowsAsync();
            if (fromTable)
            {
                fold.Forget();
            }

            var handled = await table.FoldAsync(
                fold, Recorded.Event(11, type, json, new StreamId("ledger-7"), """{"by":"ann"}""", "acme"), Recorded.Event(12, "dropped", """{"id":8}"""));

            handled.ShouldBe(2);
            var setAside = fold.SetAside.ShouldHaveSingleItem();
            setAside.Position.ShouldBe(new EventPosition(11));
            (setAside.Stream, setAside.StreamVersion, setAside.Type, setAside.Tenant).ShouldBe(("ledger-7", 11, type, "acme"));
            Encoding.UTF8.GetString(setAside.Data).ShouldBe(json);
            Encoding.UTF8.GetString(setAside.Metadata).ShouldBe("""{"by":"ann"}""");
            setAside.Time.ShouldBe(Recorded.Start.AddSeconds(11));
            (setAside.Stage, setAside.Error).ShouldBe((stage, error));
            await table.CommitAsync(fold);
            fold.SetAside.ShouldBeEmpty();
            (await table.RowsAsync()).ShouldBe(before);
        }
    }

    [PostgresFact]
    public async Task A_handler_that_changes_the_key_is_refused_at_the_write()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var version = new Declared<Guid, PlainRow>(on => on.Event<Happened>().ByStream().Upserts((row, _) =>
        {
            row.Value++;
            row.Id = row.Value == 2 ? Guid.Empty : row.Id;
        })) { TableSql = "create table test_v1 (id uuid primary key, value int not null)" };
        await using var table = await VersionTable.CreateAsync(database, version);
        using var fold = table.Open();
        var stream = new StreamId(new Guid(1, 2, 3, new byte[8]));
        await table.FoldAsync(fold, Recorded.Event(1, "happened", """{"value":1}""", stream), Recorded.Event(2, "happened", """{"value":1}""", stream));

        var refused = await Should.ThrowAsync<InvalidOperationException>(table.CommitAsync(fold));

        refused.Message.ShouldBe(
            "A handler changed the key of the row 00000001-0002-0003-0000-000000000000 to 00000000-0000-0000-0000-000000000000. The key belongs to the framework: delete the row and create another.");
    }

    [PostgresFact]
    public async Task Events_of_other_types_and_categories_are_passed_over()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var version = new Declared<string, TextRow>(on => on.Event<Happened>().ByStream().Creates((_, _) => { }), category: "invoice")
        {
            TableSql = "create table test_v1 (id text primary key)",
        };
        await using var table = await VersionTable.CreateAsync(database, version);
        using var fold = table.Open();

        var handled = await table.FoldAsync(
            fold,
            Recorded.Event(1, "happened", """{"value":1}""", new StreamId("invoice-1")),
            Recorded.Event(2, "happened", "no JSON", new StreamId("invoiceline-1")),
            Recorded.Event(3, "unknown", "no JSON", new StreamId("invoice-1")),
            Recorded.Event(4, "happened_v1", """{"value":1}""", new StreamId("invoice-2")));

        handled.ShouldBe(2);
        await table.CommitAsync(fold);
        (await table.RowsAsync()).ShouldBe(["(invoice-1)", "(invoice-2)"]);
    }

    private static RecordedEvent[] Rows() =>
        [.. Enumerable.Range(1, 3).Select(i => Recorded.Event(i, "opened", $$"""{"id":{{i}},"amount":{{i}}}"""))];

    private sealed class TextRow
    {
        [System.ComponentModel.DataAnnotations.Key]
        public string Id { get; set; } = "";
    }
}
