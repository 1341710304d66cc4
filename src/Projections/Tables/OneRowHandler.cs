using Projections.Events;

namespace Projections.Tables;

/// <summary>A handler for the one row that an event is for.</summary>
internal sealed class OneRowHandler<TKey, TRow, TEvent>(RowRule rule, Func<Event<TEvent>, TKey> key, Action<TRow, Event<TEvent>> change)
    : RowHandler<TKey, TRow, TEvent>(rule)
    where TKey : notnull
    where TRow : class, new()
{
    public override void Apply(RowSet<TKey, TRow> rows, in Event<TEvent> e)
    {
        if (Begin(rows, key(e), out var slot) is { } row)
        {
            change(row, e);
            End(rows, slot, row);
        }
    }

    public override void AddKeys(MissingKeys<TKey, TRow> keys, in Event<TEvent> e) => keys.Add(key(e));
}
