using Projections.Events;

namespace Projections.Tables;

/// <summary>
/// What a version does with which events. An event may have several handlers, also for the same row; they run in the
/// order of declaration, and an event is folded by all of them or by none.
/// </summary>
/// <typeparam name="TKey">What identifies a row: the type of the row's <c>[Key]</c> property, or a record struct of all of them in order.</typeparam>
/// <typeparam name="TRow">The row type.</typeparam>
public sealed class FoldDefinition<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    private readonly Dictionary<Type, IEventDefinition<TKey, TRow>> _events = [];

    internal FoldDefinition()
    {
    }

    internal IReadOnlyCollection<IEventDefinition<TKey, TRow>> Events => _events.Values;

    /// <summary>What is wrong with how the declaration came about, in sentences.</summary>
    internal List<string> Problems { get; } = [];

    /// <summary>Says what is done with events of a type.</summary>
    public EventDefinition<TKey, TRow, TEvent> Event<TEvent>()
    {
        if (!_events.TryGetValue(typeof(TEvent), out var known))
        {
            known = new EventDefinition<TKey, TRow, TEvent>();
            _events.Add(typeof(TEvent), known);
        }

        return (EventDefinition<TKey, TRow, TEvent>)known;
    }

    /// <summary>Deletes the row of each stream whose event says that it is archived.</summary>
    /// <returns>The event types, with that event's.</returns>
    internal EventTypes RemoveArchived(EventTypes types)
    {
        var archived = Event<StreamArchived>();
        (TenantStreamKey<TKey>.IsOne ? archived.ByTenantAndStream() : archived.ByStream()).Deletes(WhenMissing.Skip);
        return types.With(StreamArchived.Name, StreamArchived.Decoder);
    }
}
