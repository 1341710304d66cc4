using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Checks;

/// <summary>What one check found of one version.</summary>
public sealed record CheckRecord
{
    public required VersionId Version { get; init; }

    public required Verdict Verdict { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    public required VersionState State { get; init; }

    /// <summary>Where the checkpoint was.</summary>
    public EventPosition? Position { get; init; }

    /// <summary>How many events had been folded, committed or not.</summary>
    public required long EventsDone { get; init; }

    /// <summary>How far behind the safe head it was, in events.</summary>
    public long? LagEvents { get; init; }

    /// <summary>How far behind the safe head it was, in seconds.</summary>
    public double? LagSeconds { get; init; }

    /// <summary>When it was last seen to have moved, or to have nothing to do; in UTC.</summary>
    public required DateTime MovedAt { get; init; }

    /// <summary>What was done about it, in sentences.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>When the check was made, in UTC.</summary>
    public required DateTime At { get; init; }
}
