using Projections.Chaos.Ground;
using Projections.Chaos.Report;

namespace Projections.Chaos.Examination;

/// <summary>Compares the tables of all versions with what a plain fold gives.</summary>
internal sealed class TableComparison(ChaosGround ground, ChaosRecord record)
{
    /// <summary>What a query has to ask of each table for its key, its number of events and the rest.</summary>
    private static readonly Dictionary<string, string> Columns = new()
    {
        ["balance_v1"] = "account::text, events, concat_ws('|', total, digest)",
        ["balance_v2"] = "account::text, events, concat_ws('|', total, digest, biggest)",
        ["customer_total_v1"] = "customer, events, concat_ws('|', total, digest)",
        ["customer_total_v2"] = "customer, events, concat_ws('|', total, last)",
        ["open_account_v1"] = "account::text, events, total::text",
        ["open_account_v2"] = "account::text, events, concat_ws('|', total, customer)",
        ["journal_v1"] = "position::text, 1, concat_ws('|', account, number)",
        ["journal_v2"] = "position::text, 1, concat_ws('|', account, number)",
    };

    /// <summary>How many tables were compared.</summary>
    public int Tables => Columns.Count;

    /// <summary>How many rows were compared.</summary>
    public long Rows { get; private set; }

    public async Task CompareAsync(PlainFold expected)
    {
        foreach (var table in Columns.Keys)
        {
            await CompareAsync(expected, table);
        }
    }

    public async Task CompareAsync(PlainFold expected, string table)
    {
        var missing = new Dictionary<string, ExpectedRow>(expected.Table(table));
        await using var command = ground.Observer.CreateCommand($"select {Columns[table]} from {table}");
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            Rows++;
            var key = row.GetString(0);
            missing.Remove(key, out var expectation);
            Compare($"{table} {key}", expectation, new ExpectedRow(row.GetInt32(1), row.GetString(2)));
        }

        foreach (var (key, expectation) in missing)
        {
            record.Wrong(Wrongs.Lost, $"{table} {key}: there is no row", expectation.Events);
        }
    }

    private void Compare(string row, ExpectedRow? expected, ExpectedRow actual)
    {
        var difference = $"{row}: {actual}, expected {expected?.ToString() ?? "no row"}";
        if (expected is null)
        {
            // A row of an account that is closed lacks the closing.
            record.Wrong(row.StartsWith("open_account", StringComparison.Ordinal) ? Wrongs.Lost : Wrongs.Doubled, difference);
        }
        else if (actual.Events < expected.Events)
        {
            record.Wrong(Wrongs.Lost, difference, expected.Events - actual.Events);
        }
        else if (actual.Events > expected.Events)
        {
            record.Wrong(Wrongs.Doubled, difference, actual.Events - expected.Events);
        }
        else if (actual != expected)
        {
            record.Wrong(Wrongs.Rows, difference);
        }
    }
}
