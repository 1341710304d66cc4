using Npgsql;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.Execution.Stepwise;

/// <summary>
/// Runs a migration that says <c>transaction: none</c>, statement by statement, and journals each one, so that a retry goes on behind
/// it. A statement that PostgreSQL lets into a transaction shares it with its journal entry: it is done exactly once. For the others the
/// journal says first that they are about to run, and <see cref="InterruptedStatement"/> finds out what became of them.
/// </summary>
internal sealed class StepwiseRun(MigrationContext context, OnInterrupted onInterrupted) : IMigrationRun
{
    public async Task RunAsync(
        Migration migration, Direction direction, MigrationTarget target, TrackedMigration? tracked, CancellationToken cancellationToken)
    {
        var file = direction == Direction.Up ? migration.Up : migration.Down!;
        await using var connection = await context.Database.OpenConnectionAsync(cancellationToken);
        await PoolerCheck.EnsureDirectAsync(connection, $"{migration.Id}, which says 'transaction: none',", cancellationToken);

        var finished = await BeginAsync(connection, migration, direction, target, tracked, cancellationToken);
        EnsureSameBeginning(migration, file, finished);
        var next = finished.Count;
        if (tracked?.InFlight is not null && IsInterrupted(tracked, direction))
        {
            var interrupted = new InterruptedStatement(context, onInterrupted);
            next += await interrupted.ResolveAsync(connection, migration, file, target, tracked, cancellationToken) ? 1 : 0;
        }

        var began = context.Time.GetTimestamp();
        for (; next < file.Statements.Count; next++)
        {
            await RunStatementAsync(migration, file, target, next, cancellationToken);
        }

        await EndAsync(connection, migration, direction, target, context.Time.GetElapsedTime(began), cancellationToken);
    }

    private async Task<IReadOnlyList<string>> BeginAsync(
        NpgsqlConnection connection, Migration migration, Direction direction, MigrationTarget target, TrackedMigration? tracked, CancellationToken cancellationToken)
    {
        if (tracked is not null && IsInterrupted(tracked, direction))
        {
            context.Progress.Report(new MigrationProgress.Resumed(migration, target.Tenant, tracked.Finished.Count));
            return tracked.Finished;
        }

        if (direction == Direction.Up)
        {
            await target.Tracking.InsertAsync(connection, migration, TrackedState.Started, context.Identity, cancellationToken);
        }
        else
        {
            await target.Tracking.MarkRevertingAsync(connection, migration, cancellationToken);
        }

        return [];
    }

    private static bool IsInterrupted(TrackedMigration tracked, Direction direction) =>
        tracked.State == (direction == Direction.Up ? TrackedState.Started : TrackedState.Reverting);

    private static void EnsureSameBeginning(Migration migration, MigrationFile file, IReadOnlyList<string> finished)
    {
        for (var i = 0; i < finished.Count; i++)
        {
            if (i >= file.Statements.Count || StatementDigest.Of(file.Statements[i]) != finished[i])
            {
                throw InterruptedStatement.Changed(migration, file, statement: i + 1, finished.Count);
            }
        }
    }

    private async Task RunStatementAsync(
        Migration migration, MigrationFile file, MigrationTarget target, int index, CancellationToken cancellationToken)
    {
        var statement = file.Statements[index];
        await context.RunWithRetryAsync(
            migration, file, target.Tenant,
            $"{index} of its {file.Statements.Count} statements are done and journalled. Repair the cause and run it again: it goes on with this statement.",
            async cursor =>
            {
                cursor.Statement = statement;
                await using var connection = await context.Database.OpenConnectionAsync(cancellationToken);
                if (!await TryInTransactionAsync(connection, migration, file, target, index, cancellationToken))
                {
                    await RunOutsideAsync(connection, migration, file, target, index, cursor, cancellationToken);
                }
            },
            cancellationToken);
    }

    // PostgreSQL itself says which statements a transaction cannot hold, before they have done anything.
    private async Task<bool> TryInTransactionAsync(
        NpgsqlConnection connection, Migration migration, MigrationFile file, MigrationTarget target, int index, CancellationToken cancellationToken)
    {
        var statement = file.Statements[index];
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await StatementLimits.Of(file.FrontMatter, context.Options).ApplyToTransactionAsync(connection, target.Tenant, cancellationToken);
        try
        {
            await connection.ExecuteVerbatimAsync(statement.Text, cancellationToken);
        }
        catch (PostgresException refused) when (refused.NeedsNoTransaction)
        {
            await transaction.RollbackAsync(cancellationToken);
            return false;
        }

        await target.Tracking.MarkFinishedAsync(connection, migration, index, StatementDigest.Of(statement), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task RunOutsideAsync(
        NpgsqlConnection connection, Migration migration, MigrationFile file, MigrationTarget target, int index, StatementCursor cursor, CancellationToken cancellationToken)
    {
        var statement = file.Statements[index];
        var limits = statement.Has("concurrently")
            ? StatementLimits.OfConcurrently(file.FrontMatter, context.Options)
            : StatementLimits.Of(file.FrontMatter, context.Options);
        await limits.ApplyToSessionAsync(connection, target.Tenant, cancellationToken);

        var leftovers = new ConcurrentIndex(connection, statement);
        await leftovers.DropInvalidAsync(cancellationToken);
        await target.Tracking.MarkInFlightAsync(connection, migration, StatementDigest.Of(statement), connection.ProcessID, cancellationToken);
        try
        {
            await connection.ExecuteVerbatimAsync(statement.Text, cancellationToken);
        }
        catch (PostgresException refused) when (refused.EndsStatementOnly)
        {
            cursor.LeftBehind = await leftovers.TellAsync(cancellationToken);
            throw;
        }

        await leftovers.EnsureValidAsync(cancellationToken);
        await target.Tracking.MarkFinishedAsync(connection, migration, index, StatementDigest.Of(statement), cancellationToken);
    }

    private static async Task EndAsync(
        NpgsqlConnection connection, Migration migration, Direction direction, MigrationTarget target, TimeSpan took, CancellationToken cancellationToken)
    {
        if (direction == Direction.Up)
        {
            await target.Tracking.MarkDoneAsync(connection, migration, took, cancellationToken);
        }
        else
        {
            await target.Tracking.DeleteAsync(connection, migration, cancellationToken);
        }
    }
}
