using Projections.Definitions;
using Projections.Events;

namespace Projections.Tables;

/// <summary>One handler of a version: for each row that an event is for, finds or makes it, lets the declared code change it, and looks at the result.</summary>
internal abstract class RowHandler<TKey, TRow>(RowRule rule)
    where TKey : notnull
    where TRow : class, new()
{
    /// <summary>After the change, deletes the row if this holds for it.</summary>
    public Func<TRow, bool>? DeletesWhen { get; set; }

    /// <summary>Whether it only changes rows that are there, and passes over events that find none.</summary>
    public bool KeepsRows => rule is { Change: RowChange.Update, WhenMissing: WhenMissing.Skip } && DeletesWhen is null;

    /// <returns>The row to change, or <c>null</c> when there is nothing more to do.</returns>
    protected TRow? Begin(RowSet<TKey, TRow> rows, TKey key, out int slot)
    {
        if (key is null)
        {
            throw new UnstorableValue("the key is null");
        }

        if (rows.Only is { } only && !only.Contains(key))
        {
            slot = -1;
            return null;
        }

        slot = rows.Find(key);
        var row = slot < 0 ? null : rows.RowAt(slot);
        return rule.Change switch
        {
            RowChange.Update => row is null ? Missing(rows, key, ref slot) : Existing(rows, slot, row),
            RowChange.Delete => row is null ? Missing(rows, key, ref slot) : Deleted(rows, slot),
            RowChange.Create when row is not null && rule.WhenPresent == WhenPresent.Fail =>
                throw new RowConflict($"there is a row {key} already; if that may be, say WhenPresent.Replace or Upserts"),
            RowChange.Upsert when row is not null => Existing(rows, slot, row),
            _ => New(rows, key, ref slot),
        };
    }

    protected void End(RowSet<TKey, TRow> rows, int slot, TRow row)
    {
        if (DeletesWhen is { } deletesWhen && deletesWhen(row))
        {
            rows.Put(slot, null);
        }
        else
        {
            rows.Settle(slot, row);
        }
    }

    private TRow? Missing(RowSet<TKey, TRow> rows, TKey key, ref int slot) => (rule.WhenMissing, rows.WithoutBeginning, rule.Change) switch
    {
        (WhenMissing.Skip, _, _) or (_, StreamsWithoutBeginning.Skip, _) or (_, StreamsWithoutBeginning.Fold, RowChange.Delete) => null,
        (_, StreamsWithoutBeginning.Fold, _) => New(rows, key, ref slot),
        _ => throw new RowConflict($"there is no row {key} to {(rule.Change == RowChange.Delete ? "delete" : "update")}; if that may be, say WhenMissing.Skip{(rule.Change == RowChange.Delete ? string.Empty : " or Upserts")}")
        {
            IsOfMissingRow = true,
        },
    };

    private static TRow Existing(RowSet<TKey, TRow> rows, int slot, TRow row)
    {
        rows.Touch(slot);
        return row;
    }

    private static TRow? Deleted(RowSet<TKey, TRow> rows, int slot)
    {
        rows.Touch(slot);
        rows.Put(slot, null);
        return null;
    }

    private static TRow New(RowSet<TKey, TRow> rows, TKey key, ref int slot)
    {
        if (slot < 0)
        {
            slot = rows.Add(key);
        }

        rows.Touch(slot);
        return rows.PutNew(slot);
    }
}

/// <summary>A handler of one type of event.</summary>
internal abstract class RowHandler<TKey, TRow, TEvent>(RowRule rule) : RowHandler<TKey, TRow>(rule)
    where TKey : notnull
    where TRow : class, new()
{
    public abstract void Apply(RowSet<TKey, TRow> rows, in Event<TEvent> e);

    /// <summary>Names the rows that <see cref="Apply"/> will ask for.</summary>
    public abstract void AddKeys(MissingKeys<TKey, TRow> keys, in Event<TEvent> e);
}
