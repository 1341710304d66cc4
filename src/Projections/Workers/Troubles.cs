using System.Collections.Concurrent;
using Projections.Catalog;
using Projections.Postgres;

namespace Projections.Workers;

/// <summary>
/// What keeps this worker from going on with versions that are sound themselves: kept here for the health of the process, and told in the
/// catalog for everybody else. It is over when the work has gone on for a while.
/// </summary>
internal sealed class Troubles(ProjectionSystem system)
{
    private readonly ConcurrentDictionary<object, string> _reasons = new();

    /// <summary>What went wrong last with each piece of work that has not gone well since, and with the tail of the source.</summary>
    public IReadOnlyList<string> All => [.. _reasons.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal).Select(pair => $"{pair.Key}: {pair.Value}")];

    /// <param name="work">The version that is built, or the projection that is followed.</param>
    /// <param name="reason">What keeps it from going on.</param>
    public void Begin(object work, string reason) => _reasons[work] = reason;

    public void End(object work) => _reasons.TryRemove(work, out _);

    /// <summary>Brings the catalog to what this worker knows of the versions that it works on, or that nobody does.</summary>
    /// <param name="projections">What the catalog says.</param>
    /// <param name="tail">What keeps the tail of the source from going on, or <c>null</c>.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    public async Task TellAsync(IReadOnlyList<ProjectionSnapshot> projections, string? tail, CancellationToken cancellationToken)
    {
        foreach (var version in projections.SelectMany(projection => projection.Versions))
        {
            var isMine = version.IsLeased && version.LeaseHolder == system.Name;
            var reason = ReasonOf(version) ?? (isMine && version.Lockstep ? tail : null);
            if (version.Trouble != reason && (isMine || (!version.IsLeased && reason is not null)))
            {
                await TellAsync(version, reason, cancellationToken);
            }
        }
    }

    private string? ReasonOf(VersionSnapshot version) => version.Phase switch
    {
        VersionPhase.Following or VersionPhase.Offered => _reasons.GetValueOrDefault(version.Id.Projection),
        VersionPhase.Planned or VersionPhase.Building or VersionPhase.Replaying or VersionPhase.CatchingUp =>
            _reasons.GetValueOrDefault(version.Id) ?? version.Shards.Select(shard => _reasons.GetValueOrDefault(shard.Id)).FirstOrDefault(reason => reason is not null),
        _ => null,
    };

    private async Task TellAsync(VersionSnapshot version, string? reason, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(
            """
            update projections.version
            set trouble = $4, trouble_since = case when $4::text is not null then coalesce(trouble_since, clock_timestamp()) end
            where projection = $1 and number = $2 and phase = $3
            """,
            cancellationToken,
            version.Id.Projection.Value, version.Id.Number, version.Phase.Text(), reason);
    }
}
