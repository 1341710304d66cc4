namespace Projections.Migrations.Generating;

/// <summary>Everything in a database that can be made by a statement, and what stands on what.</summary>
internal sealed class SchemaModel
{
    private readonly Dictionary<string, SchemaObject> _objects;

    public SchemaModel(IEnumerable<SchemaObject> objects) => _objects = objects.ToDictionary(one => one.Key);

    public IEnumerable<SchemaObject> Objects => _objects.Values;

    public SchemaObject? Find(string key) => _objects.GetValueOrDefault(key);

    public bool Has(string key) => _objects.ContainsKey(key);

    /// <summary>The parts of a table of one kind, in their order.</summary>
    public IEnumerable<SchemaObject> PartsOf(string table, ObjectKind kind) =>
        _objects.Values.Where(one => one.Kind == kind && one.Parent == table);

    /// <summary>The same with some tables as one object each, made with their columns and with all constraints but foreign keys.</summary>
    /// <param name="isWhole">Which tables, by their keys.</param>
    public SchemaModel WithWholeTables(Func<string, bool> isWhole)
    {
        var tables = Objects.Where(one => one.Kind == ObjectKind.Table && isWhole(one.Key)).ToDictionary(table => table.Name);
        var parts = Objects.Where(one => TableSql.IsPart(one) && tables.ContainsKey(one.Parent!)).ToLookup(part => part.Parent!);
        var wholes = parts.SelectMany(group => group.Select(part => (part.Key, Table: tables[group.Key].Key))).ToDictionary(pair => pair.Key, pair => pair.Table);
        return new SchemaModel(Objects.Where(one => !wholes.ContainsKey(one.Key)).Select(one => tables.ContainsKey(one.Name) && one.Kind == ObjectKind.Table
            ? one with { Create = TableSql.Create(one, parts[one.Name]), Needs = Mapped(parts[one.Name].SelectMany(part => part.Needs), one.Key) }
            : one with { Needs = Mapped(one.Needs, one.Key) }));

        IReadOnlyList<string> Mapped(IEnumerable<string> needs, string own) =>
            [.. needs.Select(need => wholes.GetValueOrDefault(need, need)).Where(need => need != own).Distinct()];
    }

    /// <summary>What stands on any of these, directly or not, without themselves.</summary>
    public IReadOnlySet<string> DependantsOf(IEnumerable<string> keys)
    {
        var found = keys.ToHashSet();
        var first = found.ToHashSet();
        for (var before = -1; before != found.Count;)
        {
            before = found.Count;
            found.UnionWith(_objects.Values.Where(one => one.Needs.Any(found.Contains)).Select(one => one.Key));
        }

        found.ExceptWith(first);
        return found;
    }

    /// <summary>All objects, each behind those that it stands on; apart from that by kind, and as the database has them.</summary>
    public IReadOnlyList<SchemaObject> InOrder()
    {
        var ordered = new List<SchemaObject>();
        var met = new HashSet<string>();
        foreach (var one in _objects.Values.OrderBy(one => one.Kind))
        {
            Place(one);
        }

        return ordered;

        void Place(SchemaObject one)
        {
            if (!met.Add(one.Key))
            {
                return;
            }

            foreach (var needed in one.Needs.Select(Find).OfType<SchemaObject>().OrderBy(needed => needed.Kind))
            {
                Place(needed);
            }

            ordered.Add(one);
        }
    }
}
