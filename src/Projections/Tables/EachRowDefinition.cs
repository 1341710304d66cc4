using Projections.Events;

namespace Projections.Tables;

/// <summary>What an event does to each of its rows.</summary>
public sealed class EachRowDefinition<TKey, TRow, TEvent, TItem>
    where TKey : notnull
    where TRow : class, new()
{
    private readonly Func<Event<TEvent>, IEnumerable<TItem>> _items;
    private readonly Func<Event<TEvent>, TItem, TKey> _key;
    private readonly List<RowHandler<TKey, TRow, TEvent>> _handlers;

    internal EachRowDefinition(
        Func<Event<TEvent>, IEnumerable<TItem>> items,
        Func<Event<TEvent>, TItem, TKey> key,
        List<RowHandler<TKey, TRow, TEvent>> handlers) => (_items, _key, _handlers) = (items, key, handlers);

    /// <inheritdoc cref="RowDefinition{TKey, TRow, TEvent}.Creates"/>
    public ChangeDefinition<TRow> Creates(Action<TRow, Event<TEvent>, TItem> fill, WhenPresent whenPresent = WhenPresent.Fail) =>
        Add(new RowRule(RowChange.Create, WhenPresent: whenPresent), fill);

    /// <inheritdoc cref="RowDefinition{TKey, TRow, TEvent}.Updates"/>
    public ChangeDefinition<TRow> Updates(Action<TRow, Event<TEvent>, TItem> change, WhenMissing whenMissing) =>
        Add(new RowRule(RowChange.Update, whenMissing), change);

    /// <inheritdoc cref="RowDefinition{TKey, TRow, TEvent}.Upserts"/>
    public ChangeDefinition<TRow> Upserts(Action<TRow, Event<TEvent>, TItem> change) =>
        Add(new RowRule(RowChange.Upsert), change);

    /// <inheritdoc cref="RowDefinition{TKey, TRow, TEvent}.Deletes"/>
    public void Deletes(WhenMissing whenMissing) =>
        Add(new RowRule(RowChange.Delete, whenMissing), static (_, _, _) => { });

    private ChangeDefinition<TRow> Add(RowRule rule, Action<TRow, Event<TEvent>, TItem> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var handler = new EachRowHandler<TKey, TRow, TEvent, TItem>(rule, _items, _key, change);
        _handlers.Add(handler);
        return new ChangeDefinition<TRow>(condition => handler.DeletesWhen = condition);
    }
}
