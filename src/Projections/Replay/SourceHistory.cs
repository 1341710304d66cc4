using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Replay;

/// <summary>
/// Whether the source still has the history that versions were folded from: the event that was folded last is where it was. A store that was
/// restored to an earlier point and filled again has another one there. An event that is gone (archived, scavenged) says nothing.
/// </summary>
internal static class SourceHistory
{
    /// <exception cref="SourceRestored">The source has another event there.</exception>
    public static async Task ProveAsync(ProjectionSystem system, ProjectionName projection, IEnumerable<VersionId> versions, CancellationToken cancellationToken)
    {
        foreach (var folded in (await ReadAsync(system, projection, versions, cancellationToken)).DistinctBy(folded => folded.Last))
        {
            await ProveAsync(system, folded.Version, folded.Last, cancellationToken);
        }
    }

    /// <summary>The same by the event that was folded last, if there was one.</summary>
    /// <exception cref="SourceRestored">The source has another event there.</exception>
    public static async Task ProveAsync(ProjectionSystem system, VersionId version, EventFingerprint? last, CancellationToken cancellationToken)
    {
        if (last is { } folded && await system.Source.FindAsync(folded.Position, cancellationToken) is { } found && EventFingerprint.Of(found) != folded)
        {
            throw SourceRestored.FilledAgain(version, folded.Position);
        }
    }

    private static async Task<List<(VersionId Version, EventFingerprint Last)>> ReadAsync(
        ProjectionSystem system, ProjectionName projection, IEnumerable<VersionId> versions, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        return await connection.QueryAsync(
            """
            select number, last_event_major, last_event_minor, last_event_hash from projections.version
            where projection = $1 and number = any ($2) and last_event_hash is not null
            order by number
            """,
            row => (new VersionId(projection, row.GetInt32(0)), new EventFingerprint(row.GetPosition(1)!.Value, row.GetInt64(3))),
            cancellationToken,
            projection.Value,
            versions.Select(version => version.Number).ToArray());
    }
}
