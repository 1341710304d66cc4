using System.Globalization;
using System.Text.Json;
using Projections.Chaos.Ground;
using Projections.Chaos.ReadModels;

namespace Projections.Chaos.Examination;

/// <summary>
/// What the tables should hold, worked out from the events as they lie in the store, by code that shares nothing with the
/// engine or the handlers.
/// </summary>
internal sealed class PlainFold
{
    private readonly Dictionary<string, Dictionary<string, ExpectedRow>> _tables = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, Sum> _accounts = [];
    private readonly Dictionary<string, Sum> _customers = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, Sum> _open = [];

    /// <summary>How many events there are.</summary>
    public long Events { get; private set; }

    /// <summary>The rows of a table by their key.</summary>
    public IReadOnlyDictionary<string, ExpectedRow> Table(string name) => _tables[name];

    public static async Task<PlainFold> OfAsync(ChaosGround ground)
    {
        var fold = new PlainFold { _tables = { ["journal_v1"] = [], ["journal_v2"] = [] } };
        await using var command = ground.Shop.CreateCommand($"select seq_id, stream_id, version, type, data::text from {ChaosGround.EventSchema}.mt_events order by seq_id");
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            using var data = JsonDocument.Parse(row.GetString(4));
            fold.Take(row.GetInt64(0), row.GetGuid(1), row.GetInt64(2), row.GetString(3), data.RootElement);
        }

        fold.Finish();
        return fold;
    }

    private void Take(long position, Guid account, long number, string type, JsonElement data)
    {
        var customer = data.GetProperty("customer").GetString()!;
        var amount = type == AccountEvents.Booked ? data.GetProperty("amount").GetInt32() : (int?)null;
        Events++;
        Of(_accounts, account).Add(position, amount);
        Of(_customers, customer).Add(position, amount);
        Of(_open, account).Add(position, amount, customer);
        if (type == AccountEvents.Closed)
        {
            _open.Remove(account);
        }

        var line = new ExpectedRow(1, Text($"{account}|{number}"));
        _tables["journal_v1"].Add(Text($"{position}"), line);
        _tables["journal_v2"].Add(Text($"{position}"), line);
    }

    private void Finish()
    {
        Fill("balance_v1", _accounts, sum => Text($"{sum.Total}|{sum.Digest}"));
        Fill("balance_v2", _accounts, sum => Text($"{sum.Total}|{sum.Digest}|{sum.Biggest}"));
        Fill("customer_total_v1", _customers, sum => Text($"{sum.Total}|{sum.Digest}"));
        Fill("customer_total_v2", _customers, sum => Text($"{sum.Total}|{sum.Last}"));
        Fill("open_account_v1", _open, sum => Text($"{sum.Total}"));
        Fill("open_account_v2", _open, sum => Text($"{sum.Total}|{sum.Customer}"));
    }

    private void Fill<TKey>(string table, Dictionary<TKey, Sum> sums, Func<Sum, string> rest)
        where TKey : notnull =>
        _tables[table] = sums.ToDictionary(sum => sum.Key.ToString()!, sum => new ExpectedRow(sum.Value.Events, rest(sum.Value)));

    private static Sum Of<TKey>(Dictionary<TKey, Sum> sums, TKey key)
        where TKey : notnull
    {
        if (!sums.TryGetValue(key, out var sum))
        {
            sums[key] = sum = new Sum();
        }

        return sum;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Sum
    {
        public int Events { get; private set; }

        public long Total { get; private set; }

        public long Digest { get; private set; }

        public int Biggest { get; private set; }

        public long Last { get; private set; }

        public string Customer { get; private set; } = "";

        public void Add(long position, int? amount, string customer = "")
        {
            Events++;
            Total += amount ?? 0;
            Digest = unchecked((Digest * 31) + position);
            Biggest = Math.Max(Biggest, amount ?? 0);
            Last = position;
            Customer = customer;
        }
    }
}

/// <summary>A row as it should be.</summary>
/// <param name="Events">How many events are in it.</param>
/// <param name="Rest">Its other columns as text, with bars between.</param>
internal sealed record ExpectedRow(int Events, string Rest);
