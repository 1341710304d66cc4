namespace Projections.Migrations.Running;

/// <summary>The connection that holds the runner's lock broke, so another runner may be at work already.</summary>
public sealed class RunnerLockLost(Exception inner) : Exception(
    "The connection that holds the lock of the migration runner broke, so another runner may be at work. Nothing further was run. Run 'projections migrate up' again.", inner);
