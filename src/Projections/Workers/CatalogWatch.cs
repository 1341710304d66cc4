using System.Collections.Concurrent;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Following;
using Projections.Postgres;

namespace Projections.Workers;

/// <summary>
/// One look at the catalog for all projections of a worker, and one at the source, in place of one for each projection. Wakes those
/// that are followed here and that it concerns.
/// </summary>
internal sealed class CatalogWatch(ProjectionSystem system)
{
    /// <summary>How often to make sure that the source still reaches to the checkpoints: it is restored seldom, and by hand.</summary>
    private static readonly TimeSpan SourceInterval = TimeSpan.FromSeconds(15);

    /// <summary>For each database of the process, at least.</summary>
    private static readonly TimeSpan SourceIntervalPerDatabase = TimeSpan.FromMilliseconds(150);

    private readonly ConcurrentDictionary<ProjectionName, LockstepAlarm> _alarms = new();
    private long _sourceLooked = system.Time.GetTimestamp();

    /// <summary>The alarm of a projection that is about to be followed.</summary>
    public LockstepAlarm AlarmOf(ProjectionName projection) => _alarms.GetOrAdd(projection, _ => new LockstepAlarm());

    /// <summary>A projection is followed here no longer.</summary>
    public void Forget(ProjectionName projection) => _alarms.TryRemove(projection, out _);

    /// <summary>Has a projection that is followed here look for itself.</summary>
    public void Ring(ProjectionName projection)
    {
        if (_alarms.TryGetValue(projection, out var alarm))
        {
            alarm.Ring();
        }
    }

    /// <returns>All projections that the catalog has.</returns>
    public async Task<IReadOnlyList<ProjectionSnapshot>> LookAsync(CancellationToken cancellationToken)
    {
        await using var connection = await system.Steady.OpenConnectionAsync(cancellationToken);
        var projections = await ProjectionCatalog.ReadAsync(connection, null, cancellationToken);
        if (_alarms.IsEmpty)
        {
            return projections;
        }

        var asked = await PendingRequests.ReadAsync(connection, null, cancellationToken);
        foreach (var projection in projections)
        {
            if (_alarms.TryGetValue(projection.Name, out var alarm))
            {
                alarm.Compare(projection, asked);
            }
        }

        await LookAtSourceAsync(projections, cancellationToken);
        return projections;
    }

    private async Task LookAtSourceAsync(IReadOnlyList<ProjectionSnapshot> projections, CancellationToken cancellationToken)
    {
        if (system.Time.GetElapsedTime(_sourceLooked) < system.Process.Pace(SourceInterval, SourceIntervalPerDatabase))
        {
            return;
        }

        _sourceLooked = system.Time.GetTimestamp();
        try
        {
            var head = await system.Source.GetSafeHeadAsync(cancellationToken);
            foreach (var projection in projections)
            {
                if (_alarms.TryGetValue(projection.Name, out var alarm))
                {
                    alarm.Compare(projection, head);
                }
            }
        }
        catch (Exception exception) when (exception is EventSourceUnusable || PassingFault.Is(exception))
        {
            // Who tails the source meets the same, and says so.
        }
    }
}
