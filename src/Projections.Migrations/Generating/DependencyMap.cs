using System.Text.RegularExpressions;

namespace Projections.Migrations.Generating;

/// <summary>A number in the catalog, as <c>pg_depend</c> has it.</summary>
internal sealed record CatalogPlace(uint Class, uint Oid, int Sub);

/// <summary>An object and its number: a comment has that of what it is about; <c>null</c> where there is none.</summary>
internal sealed record FoundObject(SchemaObject Object, CatalogPlace? Place);

/// <summary>Finds out what each object stands on, by PostgreSQL's own records, and by names in the bodies of functions, of which it keeps none.</summary>
internal sealed partial class DependencyMap
{
    private readonly IReadOnlyList<FoundObject> _found;
    private readonly Dictionary<CatalogPlace, string> _keys = [];
    private readonly Dictionary<CatalogPlace, CatalogPlace> _aliases = [];
    private readonly Dictionary<string, HashSet<string>> _needs;

    public DependencyMap(
        IReadOnlyList<FoundObject> found, IEnumerable<(CatalogPlace From, CatalogPlace To)> aliases, IEnumerable<(CatalogPlace From, CatalogPlace To)> dependencies)
    {
        _found = found;
        _needs = found.ToDictionary(one => one.Object.Key, _ => new HashSet<string>());
        foreach (var one in found.Where(one => one is { Place: not null, Object.Kind: not ObjectKind.Comment }))
        {
            _keys[one.Place!] = one.Object.Key;
        }

        foreach (var (from, to) in aliases)
        {
            _aliases.TryAdd(from, to);
        }

        foreach (var (from, to) in dependencies)
        {
            if (KeyOf(from) is { } key && KeyOf(to) is { } needed && !IsBackwards(key, needed))
            {
                _needs[key].Add(needed);
            }
        }

        foreach (var one in found)
        {
            _needs[one.Object.Key].UnionWith(KnownNeedsOf(one));
            _needs[one.Object.Key].Remove(one.Object.Key);
        }
    }

    public IEnumerable<SchemaObject> Linked()
    {
        foreach (var routine in _found.Select(one => one.Object).Where(one => one is { Kind: ObjectKind.Routine }))
        {
            _needs[routine.Key].UnionWith(NamedIn(routine));
        }

        return _found.Select(one => one.Object with { Needs = [.. _needs[one.Object.Key].Order(StringComparer.Ordinal)] });
    }

    // A sequence that belongs to a column is dropped with it, and yet made before.
    private static bool IsBackwards(string key, string needed) =>
        key.StartsWith($"{ObjectKind.Sequence} ", StringComparison.Ordinal) && needed.StartsWith($"{ObjectKind.Column} ", StringComparison.Ordinal);

    private IEnumerable<string> KnownNeedsOf(FoundObject one) => one.Object.Kind switch
    {
        ObjectKind.Ownership or ObjectKind.RowSecurity or ObjectKind.Setting => one.Object.Traits.OfType<string>(),
        ObjectKind.Comment when KeyOf(one.Place!) is { } target => [target],
        ObjectKind.Column => [$"{ObjectKind.Table} {one.Object.Parent}"],
        _ => [],
    };

    // A function's text may name what is made after it in any other order; where two name each other, neither waits.
    private IEnumerable<string> NamedIn(SchemaObject routine)
    {
        var words = Words().Matches(routine.Traits[2] ?? "").Select(word => word.Value.ToLowerInvariant()).ToHashSet();
        return _found.Select(one => one.Object)
            .Where(other => other.Kind is ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Routine && other.Key != routine.Key
                && words.Contains(LastName(other)) && !Reaches(other.Key, routine.Key, []))
            .Select(other => other.Key);
    }

    private bool Reaches(string from, string to, HashSet<string> met) =>
        met.Add(from) && _needs.TryGetValue(from, out var needs) && (needs.Contains(to) || needs.Any(next => Reaches(next, to, met)));

    private static string LastName(SchemaObject one)
    {
        var name = one.Name.Split('(')[0];
        return name[(name.LastIndexOf('.') + 1)..].Trim('"').ToLowerInvariant();
    }

    private string? KeyOf(CatalogPlace place)
    {
        for (var hops = 0; hops < 4; hops++)
        {
            if (_keys.TryGetValue(place, out var key) || _keys.TryGetValue(place with { Sub = 0 }, out key))
            {
                return key;
            }

            if (!_aliases.TryGetValue(place with { Sub = 0 }, out var next))
            {
                return null;
            }

            place = next;
        }

        return null;
    }

    [GeneratedRegex(@"[\p{L}_][\p{L}\d_$]*", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
