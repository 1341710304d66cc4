using System.Globalization;

namespace Projections.Tests.Folding;

/// <summary>
/// What <see cref="Ledger"/> must come to, folded as plainly as it can be said: a dictionary of values, copied for each
/// event, and the copy thrown away when the event fails.
/// </summary>
internal sealed class LedgerModel
{
    private Dictionary<int, Entry> _rows = [];

    public List<long> SetAside { get; } = [];

    public IEnumerable<string> Rows => _rows
        .Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Key}|{row.Value.Balance}|{row.Value.Changes}|{row.Value.Note ?? "-"}|{{{string.Join(',', row.Value.Amounts)}}}"))
        .Order(StringComparer.Ordinal);

    /// <param name="position">The event's position.</param>
    /// <param name="e">The event, or <c>null</c> for one that cannot be decoded.</param>
    public void Apply(long position, object? e)
    {
        var rows = new Dictionary<int, Entry>(_rows);
        try
        {
            Apply(rows, e ?? throw new ModelRefused());
            _rows = rows;
        }
        catch (ModelRefused)
        {
            SetAside.Add(position);
        }
    }

    private static void Apply(Dictionary<int, Entry> rows, object e)
    {
        switch (e)
        {
            case Opened opened:
                Demand(!rows.ContainsKey(opened.Id));
                rows[opened.Id] = Entry.Empty.Add(opened.Amount);
                break;
            case Reopened reopened:
                rows[reopened.Id] = Entry.Empty.Add(reopened.Amount);
                break;
            case Added added:
                Demand(rows.ContainsKey(added.Id));
                rows[added.Id] = rows[added.Id].Add(added.Amount);
                if (rows[added.Id].Changes >= Ledger.Full)
                {
                    rows.Remove(added.Id);
                }

                break;
            case Noted noted when rows.TryGetValue(noted.Id, out var entry):
                Demand(!noted.Note.Contains('\0', StringComparison.Ordinal));
                rows[noted.Id] = entry with { Note = noted.Note };
                break;
            case Counted counted:
                rows[counted.Id] = rows.GetValueOrDefault(counted.Id, Entry.Empty).Add(counted.Amount);
                break;
            case Closed closed:
                Demand(rows.Remove(closed.Id));
                break;
            case Dropped dropped:
                rows.Remove(dropped.Id);
                break;
            case Transferred transferred:
                Demand(rows.ContainsKey(transferred.From));
                rows[transferred.From] = rows[transferred.From].Add(-transferred.Amount);
                rows[transferred.To] = rows.GetValueOrDefault(transferred.To, Entry.Empty).Add(transferred.Amount);
                break;
            case Shared shared:
                foreach (var id in shared.Ids)
                {
                    rows[id] = rows.GetValueOrDefault(id, Entry.Empty).Add(shared.Amount + (id % 2));
                }

                break;
            case Swept swept:
                foreach (var id in swept.Ids)
                {
                    Demand(rows.Remove(id));
                }

                break;
        }
    }

    private static void Demand(bool condition)
    {
        if (!condition)
        {
            throw new ModelRefused();
        }
    }

    private sealed record Entry(decimal Balance, int Changes, string? Note, int[] Amounts)
    {
        public static readonly Entry Empty = new(0.00m, 0, null, []);

        public Entry Add(int amount)
        {
            Demand(amount != Ledger.Unlucky);
            return this with
            {
                Balance = Math.Round(Balance + (amount / 3m), 2, MidpointRounding.AwayFromZero) + 0.00m,
                Changes = Changes + 1,
                Amounts = [.. Amounts.TakeLast(3), amount],
            };
        }
    }

    private sealed class ModelRefused : Exception;
}
