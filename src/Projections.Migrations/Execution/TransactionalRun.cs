using Projections.Migrations.Files;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.Execution;

/// <summary>
/// Runs a migration and changes its tracking row in one transaction. The row comes first, so that a second runner that lost
/// sight of the lock fails at once on the row's key. When a lock cannot be had in time, the whole transaction is given up and tried again:
/// waiting on, with the locks it has already, would block others.
/// </summary>
internal sealed class TransactionalRun(MigrationContext context) : IMigrationRun
{
    public Task RunAsync(
        Migration migration, Direction direction, MigrationTarget target, TrackedMigration? tracked, CancellationToken cancellationToken)
    {
        var file = direction == Direction.Up ? migration.Up : migration.Down!;
        return context.RunWithRetryAsync(
            migration, file, target.Tenant, "Everything it did was rolled back.",
            at => TryAsync(migration, file, direction, target, at, cancellationToken),
            cancellationToken);
    }

    private async Task TryAsync(
        Migration migration, MigrationFile file, Direction direction, MigrationTarget target, StatementCursor at, CancellationToken cancellationToken)
    {
        await using var connection = await context.Database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await StatementLimits.Of(file.FrontMatter, context.Options).ApplyToTransactionAsync(connection, target.Tenant, cancellationToken);

        var began = context.Time.GetTimestamp();
        if (direction == Direction.Up)
        {
            await target.Tracking.InsertAsync(connection, migration, TrackedState.Started, context.Identity, cancellationToken);
        }
        else
        {
            await target.Tracking.DeleteAsync(connection, migration, cancellationToken);
        }

        foreach (var statement in file.Statements)
        {
            at.Statement = statement;
            await connection.ExecuteVerbatimAsync(statement.Text, cancellationToken);
        }

        if (direction == Direction.Up)
        {
            await target.Tracking.MarkDoneAsync(connection, migration, context.Time.GetElapsedTime(began), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}
