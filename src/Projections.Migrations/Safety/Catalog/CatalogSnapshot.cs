namespace Projections.Migrations.Safety.Catalog;

/// <summary>What a database's schemas hold at one moment, as PostgreSQL's catalog has it.</summary>
internal sealed record CatalogSnapshot
{
    public required IReadOnlyDictionary<uint, string> Schemas { get; init; }

    public required IReadOnlyDictionary<uint, CatalogRelation> Relations { get; init; }

    public required IReadOnlyDictionary<(uint Table, short Number), CatalogColumn> Columns { get; init; }

    public required IReadOnlyDictionary<uint, CatalogConstraint> Constraints { get; init; }

    public required IReadOnlyDictionary<uint, CatalogIndex> Indexes { get; init; }

    public required IReadOnlyDictionary<uint, CatalogType> Types { get; init; }

    public required IReadOnlyDictionary<uint, CatalogRoutine> Routines { get; init; }

    /// <summary>The row security policies of each table, by name.</summary>
    public required IReadOnlyDictionary<(uint Table, string Name), string> Policies { get; init; }

    /// <summary>What others than the owners may do.</summary>
    public required IReadOnlyDictionary<(char Kind, uint Oid, short Column, string Grantee, string Privilege), CatalogRight> Rights { get; init; }

    /// <summary>Of a database with nothing in it.</summary>
    public static CatalogSnapshot Empty { get; } = new()
    {
        Schemas = new Dictionary<uint, string>(),
        Relations = new Dictionary<uint, CatalogRelation>(),
        Columns = new Dictionary<(uint, short), CatalogColumn>(),
        Constraints = new Dictionary<uint, CatalogConstraint>(),
        Indexes = new Dictionary<uint, CatalogIndex>(),
        Types = new Dictionary<uint, CatalogType>(),
        Routines = new Dictionary<uint, CatalogRoutine>(),
        Policies = new Dictionary<(uint, string), string>(),
        Rights = new Dictionary<(char, uint, short, string, string), CatalogRight>(),
    };

    public bool HasTable(uint oid) => Relations.TryGetValue(oid, out var relation) && relation.IsTable;

    /// <summary>The columns of a table in their order.</summary>
    public IEnumerable<CatalogColumn> ColumnsOf(uint table) =>
        Columns.Values.Where(column => column.Table == table).OrderBy(column => column.Number);

    /// <summary>The entries of one moment whose key another moment does not have.</summary>
    public static IEnumerable<T> Without<TKey, T>(IReadOnlyDictionary<TKey, T> of, IReadOnlyDictionary<TKey, T> without)
        where TKey : notnull =>
        of.Where(pair => !without.ContainsKey(pair.Key)).Select(pair => pair.Value);

    /// <summary>The entries that both moments have.</summary>
    public static IEnumerable<(T Before, T After)> Both<TKey, T>(IReadOnlyDictionary<TKey, T> before, IReadOnlyDictionary<TKey, T> after)
        where TKey : notnull =>
        before.Where(pair => after.ContainsKey(pair.Key)).Select(pair => (pair.Value, after[pair.Key]));
}
