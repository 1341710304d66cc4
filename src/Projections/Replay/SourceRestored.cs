using Projections.Definitions;
using Projections.Events;

namespace Projections.Replay;

/// <summary>The source ends before a checkpoint: it was restored to an earlier point, or it is another one.</summary>
public sealed class SourceRestored(VersionId version, EventPosition highest, EventPosition checkpoint)
    : Exception($"{version} is broken: its checkpoint is {checkpoint}, but the event source has given out no position beyond {highest}. The store was restored to an earlier point, or it is another store. Point the configuration at the right store and run 'projections resume {version.Projection}', or rebuild the version: 'projections abort {version.Projection} --version {version.Number}', then 'projections rebuild {version.Projection} --to {version.Number}'.")
{
    public EventPosition Highest { get; } = highest;

    public EventPosition Checkpoint { get; } = checkpoint;

    /// <exception cref="SourceRestored">The source's last position lies before the checkpoint.</exception>
    public static void ThrowIfBehind(VersionId version, SafeHead head, EventPosition? checkpoint)
    {
        if (checkpoint is { } position && head.Highest < position)
        {
            throw new SourceRestored(version, head.Highest, position);
        }
    }
}
