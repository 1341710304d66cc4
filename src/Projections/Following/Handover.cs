using System.Collections.Concurrent;
using Projections.Definitions;

namespace Projections.Following;

/// <summary>
/// When a worker lets go of a projection that it follows, so that another may take it: while a new release is rolled out, for a version that only the
/// new code knows and that waits to join; and for one that follows the rest of its group. Seldom enough to harm nobody when no other takes it.
/// </summary>
internal sealed class Handover(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<VersionId, long> _last = new();
    private readonly ConcurrentDictionary<ProjectionName, (long Last, TimeSpan Interval, bool IsAsked)> _asked = new();

    /// <exception cref="HandedOver">It is time to let go.</exception>
    public void IfDue(VersionId waiting)
    {
        if (_last.TryGetValue(waiting, out var last) && time.GetElapsedTime(last) < Interval)
        {
            return;
        }

        _last[waiting] = time.GetTimestamp();
        throw new HandedOver($"{waiting} waits to join, and this program does not know it; a worker with newer code is to take over");
    }

    /// <summary>Another worker follows the rest of a projection's group; to be asked each time it is seen.</summary>
    public void Ask(ProjectionName projection) => _asked.AddOrUpdate(
        projection,
        _ => (time.GetTimestamp(), Interval, IsAsked: true),
        (_, before) => time.GetElapsedTime(before.Last) < before.Interval ? before
            : (time.GetTimestamp(), before.Interval * 2 < LongestInterval ? before.Interval * 2 : LongestInterval, IsAsked: true));

    /// <exception cref="HandedOver">It was asked for, and is still followed here.</exception>
    public void IfAsked(ProjectionName projection)
    {
        if (_asked.TryGetValue(projection, out var asked) && asked.IsAsked)
        {
            _asked[projection] = asked with { IsAsked = false };
            throw new HandedOver("another worker follows the rest of its group, and is to take it, too");
        }
    }
}

/// <summary>This worker has let a projection go, for another one.</summary>
internal sealed class HandedOver(string why) : Exception(why);
