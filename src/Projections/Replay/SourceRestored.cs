using Projections.Definitions;
using Projections.Events;

namespace Projections.Replay;

/// <summary>The source has not the history that a version was folded from: it was restored to an earlier point, or it is another one.</summary>
internal sealed class SourceRestored : Exception
{
    private readonly string _problem;

    private SourceRestored(VersionId version, string problem)
        : base(
            $"{version} is broken: {problem} Point the configuration at the right store and run 'projections resume {version.Projection} --version {version.Number}', "
            + $"or build it anew from this one: 'projections rebuild {version.Projection} --to {version.Number} --anew'. Until you switch, reads stay on the rows that there are.") =>
        _problem = problem;

    /// <exception cref="SourceRestored">The source's last position lies before the checkpoint.</exception>
    public static void ThrowIfBehind(VersionId version, SafeHead head, EventPosition? checkpoint)
    {
        if (checkpoint is { } position && head.Highest < position)
        {
            throw new SourceRestored(
                version,
                $"its checkpoint is {position}, but the event source has given out no position beyond {head.Highest}. The store was restored to an earlier point, or it is another store.");
        }
    }

    /// <summary>The source has another event at a place than the one that was folded there.</summary>
    public static SourceRestored FilledAgain(VersionId version, EventPosition position) => new(
        version,
        $"the event source has another event at position {position} than the one that was folded there. The store was restored to an earlier point and filled again, or it is another store.");

    /// <summary>The same for another version that stood at the same place.</summary>
    public SourceRestored Of(VersionId version) => new(version, _problem);
}
