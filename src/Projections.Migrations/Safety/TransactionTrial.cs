using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety;

/// <summary>
/// The trial where no copy can be had: in the service's own database, in one transaction that is rolled back. For this transaction alone the
/// service's schemas have other names, and empty tables of the same definitions stand in for theirs, so nothing of the service is locked or read.
/// </summary>
internal sealed class TransactionTrial(MigrationOptions options, CopyOptions copyOptions)
{
    private const string Savepoint = "before_statement";

    private readonly List<Finding> _findings = [];
    private readonly List<string> _judged = [];
    private readonly List<string> _notes =
    [
        "tried without rows, in a transaction of the service's own database that was rolled back: what depends on rows was not seen",
    ];

    /// <exception cref="MigrationRefused">There is no database, or the role may not do it there.</exception>
    public async Task<SafetyReport> RunAsync(SafetyRequest request, CancellationToken cancellationToken)
    {
        var plan = await CopyPlan.MakeAsync(options, copyOptions, request.Database, request.AppliedTo, cancellationToken);
        if (plan.Database is not { } database)
        {
            throw new MigrationRefused([new Refusal("no-copy", "There is no database to try it in. Name the service's database, or a server for a copy by --copy-server.")]);
        }

        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false, IncludeErrorDetail = true, IncludeFailedBatchedCommand = true }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        if (await SchemaDumpProgram.WhyNotAsync(copyOptions.PgDump, connection.PostgreSqlVersion, cancellationToken) is { } reason)
        {
            throw new MigrationRefused([new Refusal("no-copy", $"The schema could not be read: {reason}. Name a pg_dump of version {connection.PostgreSqlVersion.Major} or newer by --pg-dump.")]);
        }

        var schema = await SchemaDumpProgram.ReadAsync(copyOptions.PgDump, database, ["--no-owner", .. SchemaDumpProgram.WithoutSchemas(plan.OtherTenants)], cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await new StandInSchemas(connection, transaction).MakeAsync(schema, plan.OtherTenants, cancellationToken);
        var pending = plan.Pending.Where(migration => migration.Version <= (request.To ?? long.MaxValue)).ToList();
        foreach (var migration in pending)
        {
            _judged.Add(migration.Id);
            if (!await JudgeAsync(connection, transaction, migration, migration.EachTenant ? plan.Tenant : null, cancellationToken))
            {
                break;
            }
        }

        return new SafetyReport(_findings, _judged, [.. pending.Skip(_judged.Count).Select(migration => migration.Id)], _notes);
    }

    /// <returns>Whether the migration is applied in the transaction now.</returns>
    private async Task<bool> JudgeAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Migration migration, string? tenant, CancellationToken cancellationToken)
    {
        if (migration.IsBackfill)
        {
            _findings.AddRange(Judgement.OfBackfill(migration, await new CatalogReader(connection).ReadAsync(cancellationToken)));
            _notes.Add($"{migration.Id} was not run, for there are no rows that it could fill");
            return true;
        }

        if (!await ObserveAsync(connection, transaction, migration, migration.Up, Direction.Up, tenant, cancellationToken))
        {
            return false;
        }

        // The way back is undone again, so that the next migration is judged on top of this one.
        const string applied = "applied";
        await transaction.SaveAsync(applied, cancellationToken);
        var isBack = migration.Down is not { FrontMatter.Irreversible: null } down
            || await ObserveAsync(connection, transaction, migration, down, Direction.Down, tenant, cancellationToken);
        await transaction.RollbackAsync(applied, cancellationToken);
        return isBack;
    }

    private async Task<bool> ObserveAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Migration migration, MigrationFile file, Direction direction, string? tenant, CancellationToken cancellationToken)
    {
        await StatementLimits.Of(file.FrontMatter, options).ApplyToTransactionAsync(connection, tenant, cancellationToken);
        var before = await new CatalogReader(connection).ReadAsync(cancellationToken);
        var frame = new StatementFrame(migration, file, direction, before);
        var observed = new List<ObservedStatement>();
        var spans = new StatementQueue(file.Statements, []);
        while (spans.TryTake(out var span))
        {
            await transaction.SaveAsync(Savepoint, cancellationToken);
            var seen = await StatementObserver.InTransactionAsync(connection, frame, span, before, null, cancellationToken);
            if (seen.Failure is not null || seen.LookAt is not null)
            {
                await transaction.RollbackAsync(Savepoint, cancellationToken);
            }

            await transaction.ReleaseAsync(Savepoint, cancellationToken);
            if (seen.LookAt is { } place)
            {
                spans.PutBack(span, place);
                continue;
            }

            if (seen.Failure is { NeedsNoTransaction: true } && file.FrontMatter.WithoutTransaction)
            {
                _notes.Add($"{file.Path}:{seen.Statement.Line} was not tried, for it runs outside of transactions: {seen.Statement.Summary}");
                before = await StandInAsync(connection, seen.Statement, before, cancellationToken);
                continue;
            }

            observed.Add(file.FrontMatter.WithoutTransaction ? seen with { InTransaction = false } : seen);
            if (seen.Failure is not null)
            {
                break;
            }

            before = seen.After;
        }

        var isDone = observed.All(statement => statement.Failure is null);
        _findings.AddRange(Judgement.Of(isDone ? await RoleTrial.AfterAsync(connection, frame, observed, cancellationToken) : observed, file));
        return isDone;
    }

    // What comes after it needs the index; how it comes about is not looked at.
    private static async Task<CatalogSnapshot> StandInAsync(
        NpgsqlConnection connection, SqlStatement statement, CatalogSnapshot before, CancellationToken cancellationToken)
    {
        if (statement.IndexOf("concurrently") is >= 0 and var at)
        {
            var word = statement.Tokens[at];
            await connection.ExecuteVerbatimAsync(statement.Text.Remove(word.Offset - statement.Tokens[0].Offset, word.Text.Length), cancellationToken);
            return await new CatalogReader(connection).ReadAsync(cancellationToken);
        }

        return before;
    }
}
