using Npgsql;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.Backfills;

/// <summary>
/// Walks a table by its key and runs the backfill's statement on one range of keys after the other. Each batch is a transaction that
/// keeps its last key in the tracking row, so it can be stopped, or killed, at any moment and goes on where it was. Rows that come
/// after its beginning with higher keys are not its business: by then the service, or a trigger, writes them the new way.
/// </summary>
internal sealed class BackfillRun(MigrationContext context) : IMigrationRun
{
    public async Task RunAsync(
        Migration migration, Direction direction, MigrationTarget target, TrackedMigration? tracked, CancellationToken cancellationToken)
    {
        var file = direction == Direction.Up ? migration.Up : migration.Down;
        if (file is not { Statements.Count: > 0 })
        {
            await BeginAsync(migration, direction, file, target, tracked, cancellationToken);
        }
        else
        {
            var pressure = new BackfillPressure(context.Options.Backfills, context.Time);
            await YieldAsync(pressure, migration, file, target, cancellationToken);
            BackfillPlace? place = null;
            await context.RunWithRetryAsync(
                migration, file, target.Tenant, "No row was changed yet.",
                async _ => place = await BeginAsync(migration, direction, file, target, tracked, cancellationToken),
                cancellationToken);
            if (place!.EndKey is not null)
            {
                await WalkAsync(pressure, migration, file, target, place, cancellationToken);
            }
        }

        await EndAsync(migration, direction, target, cancellationToken);
    }

    private async Task<BackfillPlace> BeginAsync(
        Migration migration, Direction direction, MigrationFile? file, MigrationTarget target, TrackedMigration? tracked, CancellationToken cancellationToken)
    {
        await using var connection = await context.Database.OpenConnectionAsync(cancellationToken);
        if (tracked is not null && tracked.State == (direction == Direction.Up ? TrackedState.Started : TrackedState.Reverting))
        {
            context.Progress.Report(new MigrationProgress.Resumed(migration, target.Tenant, 0));
            return new BackfillPlace(tracked.LastKey, tracked.EndKey, tracked.RowsDone);
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (direction == Direction.Up)
        {
            await target.Tracking.InsertAsync(connection, migration, TrackedState.Started, context.Identity, cancellationToken);
        }
        else
        {
            await target.Tracking.MarkRevertingAsync(connection, migration, cancellationToken);
        }

        var endKey = await FindEndAsync(connection, file, target, cancellationToken);
        await target.Tracking.MarkBatchAsync(connection, migration, null, endKey, 0, TimeSpan.Zero, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new BackfillPlace(null, endKey, 0);
    }

    private async Task<string?> FindEndAsync(
        NpgsqlConnection connection, MigrationFile? file, MigrationTarget target, CancellationToken cancellationToken)
    {
        if (file is not { Statements.Count: > 0 })
        {
            return null;
        }

        await StatementLimits.Of(file.FrontMatter, context.Options).ApplyToTransactionAsync(connection, target.Tenant, cancellationToken);
        return await new BackfillQueries(file).FindEndAsync(connection, cancellationToken);
    }

    private async Task WalkAsync(
        BackfillPressure pressure, Migration migration, MigrationFile file, MigrationTarget target, BackfillPlace place, CancellationToken cancellationToken)
    {
        var queries = new BackfillQueries(file);
        var size = new BatchSize(file.FrontMatter, context.Options.Backfills);
        var estimate = await EstimateAsync(queries, target, cancellationToken);
        var (startRows, began) = (place.RowsDone, context.Time.GetTimestamp());

        while (true)
        {
            await YieldAsync(pressure, migration, file, target, cancellationToken);
            var batchBegan = context.Time.GetTimestamp();
            var next = await RunBatchAsync(migration, file, queries, target, place, size, cancellationToken);
            if (next is null)
            {
                return;
            }

            size.Adapt(context.Time.GetElapsedTime(batchBegan));
            place = next;
            var rate = (place.RowsDone - startRows) / Math.Max(context.Time.GetElapsedTime(began).TotalSeconds, 0.001);
            context.Progress.Report(new MigrationProgress.BatchDone(
                migration, target.Tenant, place.RowsDone, Math.Max(estimate, place.RowsDone), rate, size.Rows));
            await Task.Delay(file.FrontMatter.Pause ?? context.Options.Backfills.Pause, context.Time, cancellationToken);
        }
    }

    // A batch that could not lock its rows in time is rolled back whole, and tried again at half the size.
    private async Task<BackfillPlace?> RunBatchAsync(
        Migration migration, MigrationFile file, BackfillQueries queries, MigrationTarget target, BackfillPlace place, BatchSize size, CancellationToken cancellationToken)
    {
        BackfillPlace? next = null;
        var attempt = 0;
        await context.RunWithRetryAsync(
            migration, file, target.Tenant,
            $"{place.RowsDone} rows are done and stay done. Repair the cause and run it again: it goes on behind them.",
            async cursor =>
            {
                if (attempt++ > 0)
                {
                    size.Halve();
                }

                cursor.Statement = file.Statements[0];
                next = await TryBatchAsync(migration, file, queries, target, place, size.Rows, cancellationToken);
            },
            cancellationToken);
        return next;
    }

    private async Task<BackfillPlace?> TryBatchAsync(
        Migration migration, MigrationFile file, BackfillQueries queries, MigrationTarget target, BackfillPlace place, int rows, CancellationToken cancellationToken)
    {
        var began = context.Time.GetTimestamp();
        await using var connection = await context.Database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await StatementLimits.Of(file.FrontMatter, context.Options).ApplyToTransactionAsync(connection, target.Tenant, cancellationToken);
        if (await queries.FindBatchAsync(connection, place, rows, cancellationToken) is not { } batch)
        {
            return null;
        }

        await queries.RunBatchAsync(connection, batch, cancellationToken);
        var next = place with { LastKey = batch.Last, RowsDone = place.RowsDone + batch.Rows };
        await target.Tracking.MarkBatchAsync(
            connection, migration, next.LastKey, next.EndKey, next.RowsDone, context.Time.GetElapsedTime(began), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return next;
    }

    private async Task YieldAsync(BackfillPressure pressure, Migration migration, MigrationFile file, MigrationTarget target, CancellationToken cancellationToken)
    {
        var table = new BackfillQueries(file).TableIn(target.Tenant);
        await using var connection = await context.Database.OpenConnectionAsync(cancellationToken);
        while (await pressure.FindAsync(connection, table, cancellationToken) is { } reason)
        {
            context.Progress.Report(new MigrationProgress.Yielding(migration, target.Tenant, reason));
            await Task.Delay(context.Options.Backfills.BusyPause, context.Time, cancellationToken);
        }
    }

    private async Task<long> EstimateAsync(BackfillQueries queries, MigrationTarget target, CancellationToken cancellationToken)
    {
        await using var connection = await context.Database.OpenConnectionAsync(cancellationToken);
        return await connection.ScalarAsync<long>(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass($1)", cancellationToken, queries.TableIn(target.Tenant));
    }

    private async Task EndAsync(Migration migration, Direction direction, MigrationTarget target, CancellationToken cancellationToken)
    {
        await using var connection = await context.Database.OpenConnectionAsync(cancellationToken);
        if (direction == Direction.Up)
        {
            await target.Tracking.MarkDoneAsync(connection, migration, TimeSpan.Zero, cancellationToken);
        }
        else
        {
            await target.Tracking.DeleteAsync(connection, migration, cancellationToken);
        }
    }
}
