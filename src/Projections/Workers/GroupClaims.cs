using Projections.Catalog;
using Projections.Definitions;

namespace Projections.Workers;

/// <summary>
/// Which of the projections that nobody follows this worker is to take, so that one follows a whole group: who follows some of it takes the rest at once, the
/// others leave that to it for a moment, and where nobody follows any the first by name decides whose the rest are.
/// </summary>
internal sealed class GroupClaims(ProjectionSystem system)
{
    private readonly Dictionary<ProjectionName, long> _freeSince = [];

    /// <summary>Long enough for whoever follows the others to have seen it. Who does not know it, does not take it.</summary>
    private TimeSpan Patience => system.Options.LeaseDuration / 5;

    /// <param name="group">All projections of the group.</param>
    /// <param name="free">Those that nobody follows and this worker could.</param>
    public IReadOnlyList<ProjectionName> Of(IEnumerable<ProjectionSnapshot> group, IReadOnlyCollection<ProjectionName> free)
    {
        var now = system.Time.GetTimestamp();
        foreach (var name in _freeSince.Keys.Except(free).ToList())
        {
            _freeSince.Remove(name);
        }

        foreach (var name in free)
        {
            _freeSince.TryAdd(name, now);
        }

        var holders = group.SelectMany(projection => projection.Versions)
            .Where(version => version is { Lockstep: true, IsLeased: true })
            .Select(version => version.LeaseHolder)
            .ToHashSet();
        return holders.Contains(system.Name) ? [.. free]
            : holders.Count > 0 ? [.. free.Where(name => system.Time.GetElapsedTime(_freeSince[name], now) >= Patience)]
            : [.. free.OrderBy(name => name.Value, StringComparer.Ordinal).Take(1)];
    }
}
