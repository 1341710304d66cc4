using Projections.Definitions;
using Projections.Events;

namespace Projections.SqlProjections;

/// <summary>
/// A version whose events are SQL statements, for the few that cannot be said as a fold over rows: a row that depends on other
/// rows of the table, an update of many rows by a condition. The statements run in order, in batches, in the transaction
/// that also advances the checkpoint, with the read models' schema on the search path. Much slower than a fold.
/// </summary>
/// <remarks>Statements must not depend on anything but the version's own table and their parameters: no <c>now()</c>, no
/// <c>random()</c>, no other table.</remarks>
/// <example><code>
/// protected override void Define(SqlDefinition on) =>
///     on.Event&lt;LineAdded&gt;().Executes(
///         """
///         insert into best_sellers_v1 (product, sold) values (@product, @quantity)
///         on conflict (product) do update set sold = best_sellers_v1.sold + excluded.sold
///         """,
///         e => [("product", e.Data.Product), ("quantity", e.Data.Quantity)]);
/// </code></example>
public abstract class SqlProjection : ProjectionVersion
{
    private readonly EventTypes _types;
    private readonly Lazy<SqlDefinition> _definition;

    /// <param name="projection">The projection's name, such as <c>best_sellers</c>.</param>
    /// <param name="version">The version's number, from 1.</param>
    /// <param name="types">The event types that <see cref="Define"/> speaks of.</param>
    protected SqlProjection(string projection, int version, EventTypes types)
        : base(projection, version)
    {
        _types = types;
        _definition = new(DefineAll);
    }

    public sealed override IReadOnlySet<string> EventTypeNames => Events.SelectMany(e => _types.NamesOf(e.EventType)).ToHashSet(StringComparer.Ordinal);

    /// <summary><c>null</c>: the statements may use the table as they like.</summary>
    public sealed override IReadOnlyList<ColumnDefinition>? Columns => null;

    private IReadOnlyCollection<ISqlEventDefinition> Events => _definition.Value.Events;

    /// <summary>Says which statements run for which events.</summary>
    protected abstract void Define(SqlDefinition on);

    internal sealed override IReadOnlyList<string> FindProblems() =>
    [
        .. Archived == ArchivedStreams.Keep ? Array.Empty<string>() : ["It removes the rows of archived streams, but its statements may touch any row. Say ArchivedStreams.Keep, and let a statement for the event 'archived' delete what is to go."],
        .. EventTypeProblems.Of(Events.Select(e => e.EventType), _types),
        .. Events.Where(e => !e.HasStatements).Select(e => $"{TypeName.Of(e.EventType)} is declared, but nothing is done with it. Say what: Executes(...)."),
    ];

    internal sealed override EventTypes Vocabulary => _types;

    internal sealed override string DescribeEvent(string name) => _types.Describe(name);

    internal sealed override IVersionFold OpenFold(FoldOptions options)
    {
        var routes = new Dictionary<string, StatementRoute>(StringComparer.Ordinal);
        foreach (var e in Events)
        {
            foreach (var name in _types.NamesOf(e.EventType))
            {
                routes.Add(name, e.Route(_types, name));
            }
        }

        return new StatementFold(this, routes, options.PolicyOf(this));
    }

    private SqlDefinition DefineAll()
    {
        var definition = new SqlDefinition();
        Define(definition);
        return definition;
    }
}
