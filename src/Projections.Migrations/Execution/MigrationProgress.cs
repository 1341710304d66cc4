using Projections.Migrations.Files;

namespace Projections.Migrations.Execution;

/// <summary>Something that happened while migrations ran, for whoever watches.</summary>
public abstract record MigrationProgress
{
    /// <summary>Another runner is at work; this one waits for it.</summary>
    public sealed record WaitingForRunner : MigrationProgress;

    /// <summary>A migration is taken back by a file that reads differently than when it was applied.</summary>
    public sealed record WayBackChanged(Migration Migration, string? Tenant) : MigrationProgress;

    /// <summary>A migration begins.</summary>
    public sealed record Began(Migration Migration, Direction Direction, string? Tenant) : MigrationProgress;

    /// <summary>A migration is done.</summary>
    public sealed record Finished(Migration Migration, Direction Direction, string? Tenant, TimeSpan Took) : MigrationProgress;

    /// <summary>A lock could not be had; the work is tried again after a pause.</summary>
    public sealed record Retrying(Migration Migration, string? Tenant, int Attempt, TimeSpan Pause) : MigrationProgress;

    /// <summary>An interrupted migration goes on behind the statements that were finished.</summary>
    public sealed record Resumed(Migration Migration, string? Tenant, int FinishedStatements) : MigrationProgress;

    /// <summary>A statement that was interrupted still runs in the server; its end is awaited.</summary>
    public sealed record WaitingForBackend(Migration Migration, int Pid) : MigrationProgress;

    /// <summary>A batch of a backfill is done.</summary>
    /// <param name="Migration">The backfill.</param>
    /// <param name="Tenant">The tenant's schema, if any.</param>
    /// <param name="RowsDone">Rows walked since the very beginning.</param>
    /// <param name="RowsEstimated">Rows that there are, by the planner's estimate.</param>
    /// <param name="RowsPerSecond">The rate of this run.</param>
    /// <param name="BatchSize">The size of the next batch.</param>
    public sealed record BatchDone(
        Migration Migration, string? Tenant, long RowsDone, long RowsEstimated, double RowsPerSecond, int BatchSize) : MigrationProgress
    {
        /// <summary>The time left by rate and estimate; <c>null</c> when it cannot be told.</summary>
        public TimeSpan? TimeLeft => RowsPerSecond > 0 && RowsEstimated >= RowsDone
            ? TimeSpan.FromSeconds((RowsEstimated - RowsDone) / RowsPerSecond)
            : null;
    }

    /// <summary>A backfill pauses for others.</summary>
    public sealed record Yielding(Migration Migration, string? Tenant, string Reason) : MigrationProgress;
}
