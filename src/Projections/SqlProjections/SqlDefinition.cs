
namespace Projections.SqlProjections;

/// <summary>Which statements run for which events.</summary>
public sealed class SqlDefinition
{
    private readonly Dictionary<Type, ISqlEventDefinition> _events = [];

    internal SqlDefinition()
    {
    }

    internal IReadOnlyCollection<ISqlEventDefinition> Events => _events.Values;

    /// <summary>Says what is done with events of a type.</summary>
    public SqlEventDefinition<TEvent> Event<TEvent>()
    {
        if (!_events.TryGetValue(typeof(TEvent), out var known))
        {
            known = new SqlEventDefinition<TEvent>();
            _events.Add(typeof(TEvent), known);
        }

        return (SqlEventDefinition<TEvent>)known;
    }
}
