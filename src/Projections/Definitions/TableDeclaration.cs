using Projections.Events;
using Projections.Tables;

namespace Projections.Definitions;

/// <summary>What a <see cref="TableProjection{TKey, TRow}"/> declared, put together once and checked.</summary>
internal sealed class TableDeclaration<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    private readonly FoldDefinition<TKey, TRow> _definition;
    private readonly EventTypes _types;

    public TableDeclaration(FoldDefinition<TKey, TRow> definition, EventTypes types)
    {
        _definition = definition;
        _types = types;
        var problems = new List<string>();
        Mapping = RowMappingBuilder<TKey, TRow>.Build(problems);
        IsByStream = definition.Events.All(e => e.IsByStream);
        IsByNameAlone = definition.Events.Any(e => e.IsByNameAlone);
        EventNames = definition.Events.SelectMany(e => types.NamesOf(e.EventType)).ToHashSet(StringComparer.Ordinal);
        problems.AddRange(EventTypeProblems.Of(definition.Events.Select(e => e.EventType), types));
        problems.AddRange(definition.Events.SelectMany(e => e.Problems.Select(problem => $"{TypeName.Of(e.EventType)} {problem}")));
        Problems = problems;
    }

    /// <summary>Row and table, or <c>null</c> when the row type is among the <see cref="Problems"/>.</summary>
    public RowMapping<TKey, TRow>? Mapping { get; }

    /// <summary>Whether the key of each row is the stream of all its events, be it with its tenant.</summary>
    public bool IsByStream { get; }

    /// <summary>Whether rows are found by the names of streams alone.</summary>
    public bool IsByNameAlone { get; }

    public IReadOnlySet<string> EventNames { get; }

    public IReadOnlyList<string> Problems { get; }

    /// <summary>Routes keep what is being folded, so each fold has its own.</summary>
    public Dictionary<string, EventRoute<TKey, TRow>> CreateRoutes()
    {
        var routes = new Dictionary<string, EventRoute<TKey, TRow>>(StringComparer.Ordinal);
        foreach (var e in _definition.Events)
        {
            foreach (var name in _types.NamesOf(e.EventType))
            {
                routes.Add(name, e.Route(_types, name));
            }
        }

        return routes;
    }
}
