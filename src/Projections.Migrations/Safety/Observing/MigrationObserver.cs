using Npgsql;
using Projections.Migrations.Execution;
using Projections.Migrations.Execution.Stepwise;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Migrations.Safety.Catalog;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Observing;

/// <summary>
/// Runs a migration's statements on a copy one by one, as the runner would, and looks after each at what PostgreSQL did. Sample
/// rows that a statement cannot bear are taken away, and the migration is tried again without them.
/// </summary>
internal sealed class MigrationObserver(NpgsqlDataSource copy, MigrationOptions options)
{
    // Data exceptions and violated constraints: those have to do with the rows, which on the copy are made up.
    private static bool IsAboutRows(PostgresException refused) =>
        refused.IsAboutConstraints && refused.TableName is not null;

    // What changes rows, or decides by them, may need rows that only production has; the schema is the same without it.
    private static bool AsksForRows(SqlStatement statement, PostgresException refused) =>
        refused.IsAboutValues && RowWords.Any(word => statement.StartsWith(word));

    private static readonly string[] RowWords = ["insert", "update", "delete", "merge", "with", "select", "do", "call"];

    private const string BeforeStatement = "before_statement";

    /// <returns>What each statement did; the last one may have failed, and then the migration is not applied as a whole.</returns>
    public async Task<IReadOnlyList<ObservedStatement>> ObserveAsync(
        Migration migration, MigrationFile file, Direction direction, string? tenant, CancellationToken cancellationToken)
    {
        await using var connection = await copy.OpenConnectionAsync(cancellationToken);
        await StatementLimits.OfConcurrently(file.FrontMatter, options).ApplyToSessionAsync(connection, tenant, cancellationToken);
        var origin = await new CatalogReader(connection).ReadAsync(cancellationToken);
        var frame = new StatementFrame(migration, file, direction, origin);
        return file.FrontMatter.WithoutTransaction
            ? await ObserveStepwiseAsync(connection, frame, cancellationToken)
            : await ObserveTransactionAsync(connection, frame, cancellationToken);
    }

    private async Task<IReadOnlyList<ObservedStatement>> ObserveTransactionAsync(
        NpgsqlConnection connection, StatementFrame frame, CancellationToken cancellationToken)
    {
        var refusals = new RowRefusals();
        while (true)
        {
            var (observed, refused) = await TryTransactionAsync(connection, frame, refusals, cancellationToken);
            if (refused is null)
            {
                return observed;
            }

            await EmptyAsync(refused, cancellationToken);
            frame = frame with { Origin = await new CatalogReader(connection).ReadAsync(cancellationToken) };
        }
    }

    private static async Task<(IReadOnlyList<ObservedStatement> Observed, PostgresException? Refused)> TryTransactionAsync(
        NpgsqlConnection connection, StatementFrame frame, RowRefusals refusals, CancellationToken cancellationToken)
    {
        var observed = new List<ObservedStatement>();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var before = frame.Origin;
        var spans = new StatementQueue(frame.File.Statements, refusals.Places);
        while (spans.TryTake(out var span))
        {
            await transaction.SaveAsync(BeforeStatement, cancellationToken);
            var seen = await StatementObserver.InTransactionAsync(connection, frame, span, before, PassesOver(frame, span, refusals), cancellationToken);
            if (seen.LookAt is { } place)
            {
                await GiveUpAsync(transaction, cancellationToken);
                spans.PutBack(span, place);
                continue;
            }

            observed.AddRange(Refused(seen, frame));

            if (seen.Failure is { } refused && IsAboutRows(refused) && refusals.Add(span.First, refused))
            {
                return (observed, refused);
            }

            if (seen.Failure is { } lacking && AsksForRows(seen.Statement, lacking))
            {
                await GiveUpAsync(transaction, cancellationToken);
                refusals.LeaveOut();
                observed.Add(seen with { Failure = null, RowsRefused = lacking });
                continue;
            }

            observed.Add(seen with { RowsRefused = refusals.Of(span.First) });
            if (seen.Failure is not null)
            {
                return (observed, null);
            }

            await transaction.ReleaseAsync(BeforeStatement, cancellationToken);
            before = seen.After;
        }

        var judged = await RoleTrial.AfterAsync(connection, frame, observed, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (judged, null);
    }

    // Where one statement of a file lacks rows, thousands may: those are not looked for one after the other among the others.
    private static Func<PostgresException, bool>? PassesOver(StatementFrame frame, StatementSpan span, RowRefusals refusals) =>
        refusals.IsAnyLeftOut
            ? lacking => AsksForRows(frame.File.Statements[span.First], lacking) && (!IsAboutRows(lacking) || refusals.IsWithout(lacking))
            : null;

    private static IEnumerable<ObservedStatement> Refused(ObservedStatement seen, StatementFrame frame) =>
        seen.PassedOver.Select(refused => seen with { Statement = frame.File.Statements[refused.Key], RowsRefused = refused.Value });

    private static async Task GiveUpAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await transaction.RollbackAsync(BeforeStatement, cancellationToken);
        await transaction.ReleaseAsync(BeforeStatement, cancellationToken);
    }

    private async Task<IReadOnlyList<ObservedStatement>> ObserveStepwiseAsync(
        NpgsqlConnection connection, StatementFrame frame, CancellationToken cancellationToken)
    {
        await using var watcher = await copy.OpenConnectionAsync(cancellationToken);
        var observed = new List<ObservedStatement>();
        var before = frame.Origin;
        var refusals = new RowRefusals();
        var spans = new StatementQueue(frame.File.Statements, []);
        while (spans.TryTake(out var span))
        {
            var passesOver = PassesOver(frame, span, refusals);
            var seen = await ObserveAloneAsync(connection, watcher, frame, span, before, passesOver, cancellationToken);
            if (seen.LookAt is { } place)
            {
                spans.PutBack(span, place);
                continue;
            }

            if (seen.Failure is { } refused && IsAboutRows(refused) && refusals.Add(span.First, refused))
            {
                await EmptyAsync(refused, cancellationToken);
                await new ConcurrentIndex(connection, seen.Statement).DropInvalidAsync(cancellationToken);
                before = await new CatalogReader(connection).ReadAsync(cancellationToken);
                seen = await ObserveAloneAsync(connection, watcher, frame, span, before, passesOver, cancellationToken) with { RowsRefused = refused };
            }

            if (seen.Failure is { } lacking && AsksForRows(seen.Statement, lacking))
            {
                refusals.LeaveOut();
                seen = seen with { Failure = null, RowsRefused = lacking };
            }

            observed.AddRange(Refused(seen, frame).Append(seen));
            if (seen.Failure is not null)
            {
                return observed;
            }

            before = seen.After;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        return await RoleTrial.AfterAsync(connection, frame, observed, cancellationToken);
    }

    private static async Task<ObservedStatement> ObserveAloneAsync(
        NpgsqlConnection connection, NpgsqlConnection watcher, StatementFrame frame, StatementSpan span, CatalogSnapshot before,
        Func<PostgresException, bool>? passesOver, CancellationToken cancellationToken)
    {
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            var seen = await StatementObserver.InTransactionAsync(connection, frame, span, before, passesOver, cancellationToken);
            if (seen.LookAt is not null)
            {
                return seen;
            }

            if (seen.Failure is null)
            {
                await transaction.CommitAsync(cancellationToken);
                return seen with { InTransaction = false };
            }

            if (!seen.Failure.NeedsNoTransaction)
            {
                return seen with { InTransaction = false };
            }
        }

        return await StatementObserver.OutsideAsync(connection, watcher, frame, span, before, cancellationToken);
    }

    private async Task EmptyAsync(PostgresException refused, CancellationToken cancellationToken)
    {
        await using var connection = await copy.OpenConnectionAsync(cancellationToken);
        var table = SqlName.Quote(refused.SchemaName!, refused.TableName!);
        if (await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellationToken, table))
        {
            await connection.ExecuteLongAsync($"TRUNCATE {table} CASCADE", cancellationToken);
        }
    }
}
