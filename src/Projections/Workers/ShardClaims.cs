using Projections.Catalog;
using Projections.Events;

namespace Projections.Workers;

/// <summary>
/// Which of the shards that nobody holds this worker is to take, so that they spread over all workers: who has none of a version takes one at once, and who has some leaves the rest to the
/// others for a moment before it takes another.
/// </summary>
internal sealed class ShardClaims(ProjectionSystem system)
{
    private readonly Dictionary<ShardId, long> _freeSince = [];

    /// <summary>Long enough for every worker to have looked.</summary>
    private TimeSpan Patience => system.Options.LeaseDuration / 5;

    /// <summary>The shard of a version that is to be taken now, or <c>null</c>.</summary>
    /// <param name="version">The version.</param>
    /// <param name="isOurs">Whether this worker works on a shard.</param>
    /// <param name="isResting">Whether it has just tried in vain.</param>
    public ShardSnapshot? Of(VersionSnapshot version, Func<ShardId, bool> isOurs, Func<ShardId, bool> isResting)
    {
        var now = system.Time.GetTimestamp();
        var free = version.Shards.Where(shard => shard is { IsDone: false, IsLeased: false } && !isOurs(shard.Id) && !isResting(shard.Id)).ToList();
        foreach (var id in _freeSince.Keys.Where(id => id.Version == version.Id).Except(free.Select(shard => shard.Id)).ToList())
        {
            _freeSince.Remove(id);
        }

        foreach (var shard in free)
        {
            _freeSince.TryAdd(shard.Id, now);
        }

        var ready = version.Shards.Any(shard => isOurs(shard.Id)) ? free.FindAll(shard => system.Time.GetElapsedTime(_freeSince[shard.Id], now) >= Patience) : free;
        // Workers that look at the same moment try different ones.
        return ready.Count == 0 ? null : ready[(int)((uint)StreamShare.HashOf(new StreamId(system.Name), asUuid: false) % (uint)ready.Count)];
    }

    /// <summary>Forgets versions that are not replayed in shards any more.</summary>
    public void KeepOnly(IReadOnlySet<Definitions.VersionId> versions)
    {
        foreach (var id in _freeSince.Keys.Where(id => !versions.Contains(id.Version)).ToList())
        {
            _freeSince.Remove(id);
        }
    }
}
