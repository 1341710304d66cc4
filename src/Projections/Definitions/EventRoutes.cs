namespace Projections.Definitions;

/// <summary>
/// Finds the route of an event by its type's name. A batch uses one string instance a type, so that almost always a
/// few references are compared and no text.
/// </summary>
internal sealed class EventRoutes<TRoute>(IReadOnlyDictionary<string, TRoute> routes)
    where TRoute : class
{
    private const int RecentNames = 16;

    private readonly Dictionary<string, TRoute> _routes = new(routes, StringComparer.Ordinal);
    private readonly (string Name, TRoute? Route)[] _recent = new (string, TRoute?)[RecentNames];
    private int _next;

    public IEnumerable<TRoute> All => _routes.Values;

    /// <summary>The route, or <c>null</c> for a type that the version does not handle.</summary>
    public TRoute? Find(string name)
    {
        foreach (ref readonly var entry in _recent.AsSpan())
        {
            if (ReferenceEquals(entry.Name, name))
            {
                return entry.Route;
            }
        }

        _routes.TryGetValue(name, out var route);
        _recent[_next++ % RecentNames] = (name, route);
        return route;
    }
}
