using System.Collections.Concurrent;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Following;
using Projections.Replay;

namespace Projections.Workers;

/// <summary>
/// The groups whose projections are followed together, and which of them this worker is to take or to let go so that one worker follows a whole group, as far as
/// its program knows it. Who follows some of it takes the rest at once, and the others leave that to it for a moment; where nobody does the first by name decides whose
/// the rest are; and where several have come to follow some each, all let go but the one that knows most of the group.
/// </summary>
internal sealed class FollowedGroups(ProjectionSystem system)
{
    private readonly ConcurrentDictionary<string, LockstepGroup> _groups = new();
    private readonly Dictionary<string, IReadOnlySet<string>> _knownTo = new() { [system.Name] = system.Registry.Projections.Select(name => name.Value).ToHashSet() };
    private readonly Dictionary<ProjectionName, string?> _keys = system.Registry.Projections.ToDictionary(name => name, name => system.Options.GroupOf(name.Value));
    private readonly Lasting<ProjectionName> _free = new(system.Time);
    private readonly Lasting<ProjectionName> _split = new(system.Time);

    /// <summary>Long enough for whoever follows the others to have seen it.</summary>
    private TimeSpan Patience => system.Options.LeaseDuration / 5;

    /// <summary>The group of a projection; one that is in none is a group of its own.</summary>
    public LockstepGroup Of(ProjectionName projection) =>
        KeyOf(projection) is { } key ? _groups.GetOrAdd(key, _ => new LockstepGroup(system)) : new LockstepGroup(system);

    /// <summary>Learns what the programs of other workers know, once for each as long as it follows anything.</summary>
    public async Task LearnAsync(IReadOnlyList<ProjectionSnapshot> projections, CancellationToken cancellationToken)
    {
        var holders = projections.Select(HolderOf).OfType<string>().Append(system.Name).ToHashSet();
        foreach (var gone in _knownTo.Keys.Except(holders).ToList())
        {
            _knownTo.Remove(gone);
        }

        var strangers = holders.Except(_knownTo.Keys).ToList();
        if (strangers.Count > 0)
        {
            await using var connection = await system.Steady.OpenConnectionAsync(cancellationToken);
            foreach (var (worker, known) in await WorkerRegister.ReadKnownAsync(connection, strangers, cancellationToken))
            {
                _knownTo[worker] = known;
            }
        }
    }

    /// <param name="projections">All projections.</param>
    /// <param name="free">Those that nobody follows and this worker could.</param>
    /// <returns>Which of them it is to take.</returns>
    public IReadOnlyList<ProjectionName> ToTake(IReadOnlyList<ProjectionSnapshot> projections, IReadOnlyCollection<ProjectionName> free)
    {
        _free.Note(free);
        var edited = projections.Where(projection => free.Contains(projection.Name) && IsEdited(projection)).Select(projection => projection.Name).ToList();
        return
        [
            .. free.Except(edited).GroupBy(KeyOf).SelectMany(some => some.Key is { } key ? ToTake(GroupOf(key, projections), [.. some]) : [.. some]),
            // The version would fail here; where another program has it as its table was built, that one has taken it by then.
            .. edited.Where(name => _free.HasLasted(name, 2 * Patience)),
        ];
    }

    /// <param name="projections">All projections.</param>
    /// <returns>Which of those that this worker follows it is to let go.</returns>
    public IReadOnlyList<ProjectionName> ToLetGo(IReadOnlyList<ProjectionSnapshot> projections)
    {
        var better = projections.GroupBy(projection => KeyOf(projection.Name))
            .Where(some => some.Key is not null)
            .SelectMany(some => BetterPlaced(GroupOf(some.Key!, projections)))
            .ToList();
        _split.Note(better);
        return [.. better.Where(name => _split.HasLasted(name, Patience))];
    }

    /// <summary>Those of a group that this worker follows and another one should, which follows some of it, too.</summary>
    private List<ProjectionName> BetterPlaced(IReadOnlyList<(ProjectionName Name, string? Holder)> group)
    {
        var holders = Holders(group).ToList();
        if (holders.Count < 2 || !holders.Contains(system.Name))
        {
            return [];
        }

        var best = holders
            .OrderByDescending(holder => group.Count(one => Knows(holder, one.Name)))
            .ThenByDescending(holder => group.Count(one => one.Holder == holder))
            .ThenBy(holder => holder, StringComparer.Ordinal)
            .ToList();
        return [.. group.Where(one => one.Holder == system.Name).Select(one => one.Name).Where(name => best.First(holder => holder == system.Name || Knows(holder, name)) != system.Name)];
    }

    private List<ProjectionName> ToTake(IReadOnlyList<(ProjectionName Name, string? Holder)> group, List<ProjectionName> free)
    {
        var holders = Holders(group).ToList();
        if (holders.Contains(system.Name))
        {
            return free;
        }

        var others = free.Where(name => holders.Exists(holder => Knows(holder, name))).ToList();
        var first = free.Except(others).OrderByDescending(name => Knows(system.Name, name)).ThenBy(name => name.Value, StringComparer.Ordinal).Take(1);
        return [.. others.Where(name => _free.HasLasted(name, Patience)), .. first];
    }

    private List<(ProjectionName Name, string? Holder)> GroupOf(string key, IEnumerable<ProjectionSnapshot> projections) =>
        [.. projections.Where(projection => KeyOf(projection.Name) == key).Select(projection => (projection.Name, HolderOf(projection)))];

    private static IEnumerable<string> Holders(IEnumerable<(ProjectionName Name, string? Holder)> group) => group.Select(one => one.Holder).OfType<string>().Distinct();

    private static string? HolderOf(ProjectionSnapshot projection) => projection.Versions.FirstOrDefault(version => version is { Lockstep: true, IsLeased: true })?.LeaseHolder;

    private bool Knows(string worker, ProjectionName projection) => _knownTo.TryGetValue(worker, out var known) && known.Contains(projection.Value);

    private string? KeyOf(ProjectionName projection) => _keys.TryGetValue(projection, out var key) ? key : system.Options.GroupOf(projection.Value);

    /// <summary>Whether this program has a version otherwise than its table was built.</summary>
    private bool IsEdited(ProjectionSnapshot projection) => projection.Versions.Any(version =>
        (version.Lockstep || version.Phase == VersionPhase.Offered) && system.Registry.Find(version.Id) is { } definition && ManifestCheck.FindEdit(definition, version) is not null);
}
