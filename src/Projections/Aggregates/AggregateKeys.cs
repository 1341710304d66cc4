using Projections.Events;

namespace Projections.Aggregates;

/// <summary>Which aggregates events are for, other than that of their stream.</summary>
public sealed class AggregateKeys<TKey>
    where TKey : notnull
{
    private readonly Dictionary<Type, Delegate> _keys = [];

    internal AggregateKeys()
    {
    }

    internal IEnumerable<Type> Events => _keys.Keys;

    /// <summary>Events of this type are for the aggregate of a key that comes from the event: its data, tenant or metadata.</summary>
    public AggregateKeys<TKey> Of<TEvent>(Func<Event<TEvent>, TKey> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _keys[typeof(TEvent)] = key;
        return this;
    }

    internal Func<Event<TEvent>, TKey>? Find<TEvent>() => (Func<Event<TEvent>, TKey>?)_keys.GetValueOrDefault(typeof(TEvent));
}
