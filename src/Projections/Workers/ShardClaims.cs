using Projections.Catalog;
using Projections.Events;

namespace Projections.Workers;

/// <summary>
/// Which of the shards that nobody holds this worker is to take, so that they spread over all workers: who has none of a version takes one at once, and who has some leaves the rest to the
/// others for a moment before it takes another.
/// </summary>
internal sealed class ShardClaims(ProjectionSystem system)
{
    private readonly Lasting<ShardId> _free = new(system.Time);

    /// <summary>Long enough for every worker to have looked.</summary>
    private TimeSpan Patience => system.Options.LeaseDuration / 5;

    /// <summary>Notes which shards nobody holds.</summary>
    /// <param name="projections">All projections.</param>
    public void Note(IEnumerable<ProjectionSnapshot> projections) =>
        _free.Note([.. projections.SelectMany(projection => projection.Versions).SelectMany(version => version.Shards).Where(IsFree).Select(shard => shard.Id)]);

    /// <summary>The shard of a version that is to be taken now, or <c>null</c>.</summary>
    /// <param name="version">The version.</param>
    /// <param name="isOurs">Whether this worker works on a shard.</param>
    /// <param name="isResting">Whether it has just tried in vain.</param>
    public ShardSnapshot? Of(VersionSnapshot version, Func<ShardId, bool> isOurs, Func<ShardId, bool> isResting)
    {
        var hasSome = version.Shards.Any(shard => isOurs(shard.Id));
        var ready = version.Shards
            .Where(shard => IsFree(shard) && !isOurs(shard.Id) && !isResting(shard.Id) && (!hasSome || _free.HasLasted(shard.Id, Patience)))
            .ToList();
        // Workers that look at the same moment try different ones.
        return ready.Count == 0 ? null : ready[(int)((uint)StreamShare.HashOf(new StreamId(system.Name), asUuid: false) % (uint)ready.Count)];
    }

    private static bool IsFree(ShardSnapshot shard) => shard is { IsDone: false, IsLeased: false };
}
