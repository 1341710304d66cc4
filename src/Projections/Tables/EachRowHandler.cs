using Projections.Events;

namespace Projections.Tables;

/// <summary>A handler for the rows that the items of an event are for, one after the other; a row may come up more than once.</summary>
internal sealed class EachRowHandler<TKey, TRow, TEvent, TItem>(
    RowRule rule,
    Func<Event<TEvent>, IEnumerable<TItem>> items,
    Func<Event<TEvent>, TItem, TKey> key,
    Action<TRow, Event<TEvent>, TItem> change)
    : RowHandler<TKey, TRow, TEvent>(rule)
    where TKey : notnull
    where TRow : class, new()
{
    public override void Apply(RowSet<TKey, TRow> rows, in Event<TEvent> e)
    {
        foreach (var item in items(e))
        {
            if (Begin(rows, key(e, item), out var slot) is { } row)
            {
                change(row, e, item);
                End(rows, slot, row);
            }
        }
    }

    public override void AddKeys(MissingKeys<TKey, TRow> keys, in Event<TEvent> e)
    {
        foreach (var item in items(e))
        {
            keys.Add(key(e, item));
        }
    }
}
