using Projections.Events;

namespace Projections.Tables;

/// <summary>What an event does to its row.</summary>
public sealed class RowDefinition<TKey, TRow, TEvent>
    where TKey : notnull
    where TRow : class, new()
{
    private readonly Func<Event<TEvent>, TKey> _key;
    private readonly List<RowHandler<TKey, TRow, TEvent>> _handlers;

    internal RowDefinition(Func<Event<TEvent>, TKey> key, List<RowHandler<TKey, TRow, TEvent>> handlers) => (_key, _handlers) = (key, handlers);

    /// <summary>Makes the row. Its key is set; <paramref name="fill"/> sets the rest.</summary>
    public ChangeDefinition<TRow> Creates(Action<TRow, Event<TEvent>> fill, WhenPresent whenPresent = WhenPresent.Fail) =>
        Add(new RowRule(RowChange.Create, WhenPresent: whenPresent), fill);

    /// <summary>Changes the row.</summary>
    public ChangeDefinition<TRow> Updates(Action<TRow, Event<TEvent>> change, WhenMissing whenMissing) =>
        Add(new RowRule(RowChange.Update, whenMissing), change);

    /// <summary>Changes the row, which is made first, with its key set, if there is none.</summary>
    public ChangeDefinition<TRow> Upserts(Action<TRow, Event<TEvent>> change) =>
        Add(new RowRule(RowChange.Upsert), change);

    /// <summary>Deletes the row. A later event may create it again.</summary>
    public void Deletes(WhenMissing whenMissing) =>
        Add(new RowRule(RowChange.Delete, whenMissing), static (_, _) => { });

    private ChangeDefinition<TRow> Add(RowRule rule, Action<TRow, Event<TEvent>> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var handler = new OneRowHandler<TKey, TRow, TEvent>(rule, _key, change);
        _handlers.Add(handler);
        return new ChangeDefinition<TRow>(condition => handler.DeletesWhen = condition);
    }
}
