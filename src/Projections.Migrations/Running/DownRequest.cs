using Projections.Migrations.Execution;

namespace Projections.Migrations.Running;

/// <summary>What <c>projections migrate down</c> asks for.</summary>
public sealed record DownRequest
{
    /// <summary>The newest version that stays, 0 for none; <c>null</c>, the default, to count <see cref="Steps"/>.</summary>
    public long? To { get; init; }

    /// <summary>How many migrations are taken back, newest first. The default is 1.</summary>
    public int Steps { get; init; } = 1;

    /// <summary>Whether only the plan is made. The default is <c>false</c>.</summary>
    public bool DryRun { get; init; }

    /// <summary>What to do with an interrupted statement of which nobody can tell whether it finished. The default is to stop and ask.</summary>
    public OnInterrupted OnInterrupted { get; init; }
}
