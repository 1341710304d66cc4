using Npgsql;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Tables;

/// <summary>
/// Runs the SQL files of versions where they leave nothing behind, in a schema of their own and a transaction that is rolled
/// back, and compares the tables that come out with the row types.
/// </summary>
internal static class TableContract
{
    /// <summary>Long enough for any CREATE TABLE on an empty schema, short enough not to hang at start.</summary>
    private const string StatementTimeout = "30s";

    /// <returns>An error for each thing that is wrong, each with its version and what to change; empty when all is well.</returns>
    public static async Task<IReadOnlyList<DeclarationError>> FindErrorsAsync(
        NpgsqlConnection connection,
        IEnumerable<ProjectionVersion> versions,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(versions);
        var errors = new List<DeclarationError>();
        foreach (var version in versions)
        {
            errors.AddRange((await FindErrorsAsync(connection, version, cancellationToken)).Select(error => DeclarationError.Of(version.Id, error)));
        }

        return errors;
    }

    private static async Task<IReadOnlyList<string>> FindErrorsAsync(NpgsqlConnection connection, ProjectionVersion version, CancellationToken cancellationToken)
    {
        var schema = $"projections_check_{Guid.NewGuid():n}";
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(
            connection,
            $"""
            create schema {SqlName.Quote(schema)};
            set local search_path to {SqlName.Quote(schema)}, public;
            set local statement_timeout to '{StatementTimeout}'
            """,
            cancellationToken);
        var errors = await FindErrorsAsync(connection, schema, version, cancellationToken);
        await transaction.RollbackAsync(cancellationToken);
        return errors;
    }

    private static async Task<IReadOnlyList<string>> FindErrorsAsync(NpgsqlConnection connection, string schema, ProjectionVersion version, CancellationToken cancellationToken)
    {
        var files = version.Files;
        if (await TryAsync(connection, $"{files.Folder}/table.sql", files.TableSql, cancellationToken) is { } tableFailed)
        {
            return [tableFailed];
        }

        var shape = await TableShapes.ReadAsync(connection, schema, version.Id.Table, cancellationToken);
        var errors = new List<string>();
        if (shape is null || await TablesAsync(connection, schema, cancellationToken) is not [_])
        {
            var made = await TablesAsync(connection, schema, cancellationToken);
            errors.Add($"{files.Folder}/table.sql makes {(made.Count == 0 ? "no table" : string.Join(" and ", made))} in the schema of the read models. It must make {version.Id.Table} and no other table, and name no schema.");
        }

        if (shape is not null && version.Columns is { } columns)
        {
            errors.AddRange(shape.DifferencesFrom(columns));
        }

        await TryIndexesAndDownAsync(connection, schema, files, errors, cancellationToken);
        return errors;
    }

    private static async Task TryIndexesAndDownAsync(NpgsqlConnection connection, string schema, VersionFiles files, List<string> errors, CancellationToken cancellationToken)
    {
        if (files.IndexesSql is { } indexes && await TryAsync(connection, $"{files.Folder}/indexes.sql", indexes, cancellationToken) is { } indexesFailed)
        {
            errors.Add(indexesFailed);
            return;
        }

        if (await TryAsync(connection, $"{files.Folder}/down.sql", files.DownSql, cancellationToken) is { } downFailed)
        {
            errors.Add(downFailed);
            return;
        }

        var left = await ObjectsAsync(connection, schema, cancellationToken);
        if (left.Count > 0)
        {
            errors.Add($"{files.Folder}/down.sql leaves {string.Join(" and ", left)} behind. It must drop everything that table.sql and indexes.sql make.");
        }
    }

    /// <returns>What went wrong, or <c>null</c>.</returns>
    private static async Task<string?> TryAsync(NpgsqlConnection connection, string file, string sql, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, sql, cancellationToken);
            return null;
        }
        catch (PostgresException failed) when (failed.SqlState == PostgresErrorCodes.QueryCanceled || !PassingFault.Is(failed))
        {
            var line = failed.Position > 0 ? $" in line {sql.AsSpan(0, Math.Min(failed.Position - 1, sql.Length)).Count('\n') + 1}" : string.Empty;
            return $"{file} fails{line}: {failed.Words}. Mend the file.";
        }
    }

    private static Task<List<string>> TablesAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken) =>
        NamesAsync(
            connection,
            "select relname::text from pg_catalog.pg_class where relnamespace = $1::regnamespace and relkind in ('r', 'p') and not relispartition order by 1",
            schema,
            cancellationToken);

    private static Task<List<string>> ObjectsAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken) =>
        NamesAsync(
            connection,
            """
            select relname::text from pg_catalog.pg_class where relnamespace = $1::regnamespace and relkind not in ('i', 'I', 't', 'c')
            union all
            select proname::text from pg_catalog.pg_proc where pronamespace = $1::regnamespace
            union all
            select typname::text from pg_catalog.pg_type where typnamespace = $1::regnamespace and typtype in ('e', 'd', 'r')
            order by 1
            """,
            schema,
            cancellationToken);

    private static async Task<List<string>> NamesAsync(NpgsqlConnection connection, string sql, string schema, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = SqlName.Quote(schema) });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
