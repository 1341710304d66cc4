using FsCheck;
using FsCheck.Fluent;
using Projections.Definitions;
using Projections.Testing;
using Projections.Tests.Documents;
using Projections.TestServers;
using Projections.Tests.Tables;

namespace Projections.Tests.Folding;

/// <summary>
/// The first proof: for any history, batch sizes, memory limit, commit points and crash points, the table is what a plain fold in memory
/// comes to. A failure names the smallest scenario found and the seed that leads to it again.
/// </summary>
public sealed class FoldEqualityTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string RowText = "concat_ws('|', id, balance, changes, coalesce(note, '-'), amounts)";

    private const string DocumentText =
        """
        concat_ws('|', id, (book->>'balance')::numeric(12,2), book->'entries'->>'changes', coalesce(book->>'note', '-'),
            array(select amount::int from jsonb_array_elements_text(book->'entries'->'amounts') as amount))
        """;

    [PostgresTheory]
    [InlineData(150, 60)]
    [InlineData(40, 1_500)]
    public Task A_table_is_the_fold_of_its_history_however_it_was_written(int scenarios, int longest) =>
        CheckAsync(new Ledger(), RowText, scenarios, longest);

    [PostgresTheory]
    [InlineData(150, 60)]
    [InlineData(40, 1_500)]
    public Task Documents_that_are_changed_in_place_are_no_exception(int scenarios, int longest) =>
        CheckAsync(new DocumentLedger(), DocumentText, scenarios, longest);

    private async Task CheckAsync(ProjectionVersion ledger, string text, int scenarios, int longest)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var table = await VersionTable.CreateAsync(database, ledger);

        Prop.ForAll(LedgerScenario.Arbitrary(longest), scenario => Run(table, text, scenario)).Check(Config.QuickThrowOnFailure.WithMaxTest(scenarios));
    }

    private static void Run(VersionTable table, string text, LedgerScenario scenario) =>
        Task.Run(() => RunAsync(table, text, scenario)).GetAwaiter().GetResult();

    private static async Task RunAsync(VersionTable table, string text, LedgerScenario scenario)
    {
        await table.ExecuteAsync("truncate ledger_v1");
        using var run = new LedgerRun(table, scenario);
        await run.RunAsync();

        var model = new LedgerModel();
        foreach (var (e, i) in scenario.Events().Select((e, i) => (e, i)))
        {
            model.Apply(i + 1, e);
        }

        (await table.RowsAsync(text)).ShouldBe(model.Rows);
        run.SetAside.ShouldBe(model.SetAside);
    }
}
