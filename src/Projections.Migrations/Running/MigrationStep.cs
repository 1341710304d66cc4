using Projections.Migrations.Backfills;
using Projections.Migrations.Execution;
using Projections.Migrations.Execution.Stepwise;
using Projections.Migrations.Files;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Running;

/// <summary>Runs one migration in one place, in the way that its file asks for.</summary>
internal sealed class MigrationStep(MigrationContext context, OnInterrupted onInterrupted)
{
    public async Task<MigrationOutcome> RunAsync(
        Migration migration, Direction direction, MigrationTarget target, TrackedMigration? tracked, CancellationToken cancellationToken)
    {
        if (direction == Direction.Down && tracked?.HasOtherWayBack(migration) == true)
        {
            context.Progress.Report(new MigrationProgress.WayBackChanged(migration, target.Tenant));
        }

        context.Progress.Report(new MigrationProgress.Began(migration, direction, target.Tenant));
        var began = context.Time.GetTimestamp();
        await RunOf(migration, direction, tracked).RunAsync(migration, direction, target, tracked, cancellationToken);
        var took = context.Time.GetElapsedTime(began);
        context.Progress.Report(new MigrationProgress.Finished(migration, direction, target.Tenant, took));
        return new MigrationOutcome(migration, direction, target.Tenant, took);
    }

    private IMigrationRun RunOf(Migration migration, Direction direction, TrackedMigration? tracked)
    {
        if (migration.IsBackfill)
        {
            return new BackfillRun(context);
        }

        // What was begun statement by statement goes on so, even if its file now says otherwise.
        var file = direction == Direction.Up ? migration.Up : migration.Down!;
        var isBegun = tracked?.State == (direction == Direction.Up ? TrackedState.Started : TrackedState.Reverting);
        return file.FrontMatter.WithoutTransaction || isBegun
            ? new StepwiseRun(context, onInterrupted)
            : new TransactionalRun(context);
    }
}
