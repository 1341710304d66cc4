using Projections.Migrations.Execution;

namespace Projections.Migrations.Running;

/// <summary>What <c>projections migrate up</c> asks for.</summary>
public sealed record UpRequest
{
    /// <summary>The last version to apply; <c>null</c>, the default, for all.</summary>
    public long? To { get; init; }

    /// <summary>Whether only the plan is made. The default is <c>false</c>.</summary>
    public bool DryRun { get; init; }

    /// <summary>What to do with an interrupted statement of which nobody can tell whether it finished. The default is to stop and ask.</summary>
    public OnInterrupted OnInterrupted { get; init; }

    /// <summary>Why the safety check was skipped, for the tracking rows; <c>null</c> when it was not.</summary>
    public string? SafetySkipped { get; init; }
}
