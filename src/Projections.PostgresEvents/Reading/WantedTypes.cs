namespace Projections.PostgresEvents.Reading;

/// <summary>Picks the events of wanted types where the server sends all of them. A reader has one string a type, so that mostly references are compared.</summary>
/// <param name="types">The types, or <c>null</c> for all.</param>
internal sealed class WantedTypes(IReadOnlySet<string>? types)
{
    private const int RecentNames = 16;

    private readonly (string Name, bool IsWanted)[] _recent = new (string, bool)[RecentNames];
    private int _next;

    public bool Has(string type)
    {
        if (types is null)
        {
            return true;
        }

        foreach (ref readonly var entry in _recent.AsSpan())
        {
            if (ReferenceEquals(entry.Name, type))
            {
                return entry.IsWanted;
            }
        }

        var isWanted = types.Contains(type);
        _recent[_next++ % RecentNames] = (type, isWanted);
        return isWanted;
    }
}
