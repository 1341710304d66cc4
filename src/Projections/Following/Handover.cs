using System.Collections.Concurrent;
using Projections.Definitions;

namespace Projections.Following;

/// <summary>
/// While a new release is rolled out, a version that only the new code knows waits to join a lockstep that a worker with the
/// old code leads. That worker lets go, so that another may take over; seldom enough to harm nobody when no other does.
/// </summary>
internal sealed class Handover(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<VersionId, long> _last = new();

    /// <exception cref="HandedOver">It is time to let go.</exception>
    public void IfDue(VersionId waiting)
    {
        if (_last.TryGetValue(waiting, out var last) && time.GetElapsedTime(last) < Interval)
        {
            return;
        }

        _last[waiting] = time.GetTimestamp();
        throw new HandedOver(waiting);
    }
}

/// <summary>This worker has let a projection go for one that runs newer code.</summary>
internal sealed class HandedOver(VersionId waiting) : Exception($"{waiting} waits to join, and this program does not know it; a worker with newer code is to take over");
