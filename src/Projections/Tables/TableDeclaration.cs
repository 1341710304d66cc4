using System.Text.Json;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Tables;

/// <summary>What a <see cref="TableProjection{TKey, TRow}"/> declared, put together once and checked.</summary>
internal sealed class TableDeclaration<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    private readonly FoldDefinition<TKey, TRow> _definition;
    private readonly EventTypes _types;

    public TableDeclaration(FoldDefinition<TKey, TRow> definition, EventTypes types, ArchivedStreams archived, JsonSerializerOptions documents)
    {
        var problems = new List<string>();
        if (archived == ArchivedStreams.Remove)
        {
            problems.AddRange(ProblemsOfRemoval(definition, types));
            types = problems.Count == 0 ? definition.RemoveArchived(types) : types;
        }

        _definition = definition;
        _types = types;
        Mapping = RowMappingBuilder<TKey, TRow>.Build(documents, problems);
        IsByStream = definition.Events.All(e => e.IsByStream);
        IsByNameAlone = definition.Events.Any(e => e.IsByNameAlone);
        EventNames = definition.Events.SelectMany(e => types.NamesOf(e.EventType)).ToHashSet(StringComparer.Ordinal);
        problems.AddRange(definition.Problems);
        problems.AddRange(definition is { Events.Count: 0, Problems.Count: > 0 } ? [] : EventTypeProblems.Of(definition.Events.Select(e => e.EventType), types));
        problems.AddRange(definition.Events.SelectMany(e => e.Problems.Select(problem => $"{TypeName.Of(e.EventType)} {problem}")));
        Problems = problems;
    }

    /// <summary>Row and table, or <c>null</c> when the row type is among the <see cref="Problems"/>.</summary>
    public RowMapping<TKey, TRow>? Mapping { get; }

    /// <summary>Whether the key of each row is the stream of all its events, be it with its tenant.</summary>
    public bool IsByStream { get; }

    /// <summary>Whether two spellings of one UUID are one key.</summary>
    public bool HasUuids { get; } = typeof(TKey) == typeof(Guid) || TenantStreamKey<TKey>.HasGuid;

    /// <summary>Whether rows are found by the names of streams alone.</summary>
    public bool IsByNameAlone { get; }

    public IReadOnlySet<string> EventNames { get; }

    /// <summary>Those of them that make no rows and delete none, and are passed over where there is none.</summary>
    public IReadOnlySet<string> NamesThatKeepRows =>
        _definition.Events.Where(e => e.KeepsRows).SelectMany(e => _types.NamesOf(e.EventType)).ToHashSet(StringComparer.Ordinal);

    public IReadOnlyList<string> Problems { get; }

    /// <summary>What decoding makes of the events of a name.</summary>
    public string Describe(string name) => _types.Describe(name);

    private static IEnumerable<string> ProblemsOfRemoval(FoldDefinition<TKey, TRow> definition, EventTypes types)
    {
        if (!definition.Events.All(e => e.IsByStream))
        {
            yield return "It removes the rows of archived streams, but not every row is made of one stream. Find all rows ByStream() or ByTenantAndStream(), or say ArchivedStreams.Keep.";
        }

        if (types.Names.Contains(StreamArchived.Name))
        {
            yield return $"It removes the rows of archived streams, but events named '{StreamArchived.Name}' are mapped to a type of its own. Leave them out of the event types; or say ArchivedStreams.Keep, and let that type delete the row.";
        }
    }

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
