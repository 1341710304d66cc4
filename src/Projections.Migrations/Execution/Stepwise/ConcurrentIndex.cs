using Npgsql;
using Projections.Migrations.Parsing;
using Projections.Postgres;

namespace Projections.Migrations.Execution.Stepwise;

/// <summary>
/// What CREATE, DROP and REINDEX … CONCURRENTLY leave behind when they fail: an invalid index, which costs every writer and which
/// <c>IF NOT EXISTS</c> would take for the one that is wanted.
/// </summary>
internal sealed class ConcurrentIndex(NpgsqlConnection connection, SqlStatement statement)
{
    private bool IsCreate => statement.StartsWith("create") && statement.Has("index", "concurrently");

    private bool IsDrop => statement.StartsWith("drop", "index", "concurrently");

    private bool IsReindex => statement.StartsWith("reindex") && statement.Has("concurrently");

    private string? Name
    {
        get
        {
            var at = SqlNames.SkipIfExists(statement, statement.IndexOf("concurrently") + 1);
            return statement.Tokens[at].Is("on") ? null : statement.Tokens[at].Name;
        }
    }

    private string Table
    {
        get
        {
            var on = statement.IndexOf("on");
            return SqlNames.QualifiedAt(statement, on + 1 < statement.Tokens.Count && statement.Tokens[on + 1].Is("only") ? on + 2 : on + 1);
        }
    }

    /// <summary>Drops what an earlier try of this statement left behind.</summary>
    public async Task DropInvalidAsync(CancellationToken cancellationToken)
    {
        foreach (var index in await LeftoversAsync(cancellationToken))
        {
            await connection.ExecuteLongAsync($"DROP INDEX CONCURRENTLY IF EXISTS {index}", cancellationToken);
        }
    }

    /// <summary>Says what this statement left behind when it failed, as a sentence with a space behind it; empty for nothing.</summary>
    public async Task<string> TellAsync(CancellationToken cancellationToken) =>
        await LeftoversAsync(cancellationToken) is { Count: > 0 } left
            ? $"{string.Join(", ", left)} stays behind invalid: no query uses it, and every writer keeps it up. The next run drops it and builds it anew. "
            : "";

    /// <exception cref="MigrationStopped">The statement seemed to succeed, but its index cannot be used.</exception>
    public async Task EnsureValidAsync(CancellationToken cancellationToken)
    {
        if (IsCreate && await LeftoversAsync(cancellationToken) is [var index, ..])
        {
            throw new MigrationStopped(
                "index-left-invalid",
                $"{index} is invalid after it was built, so no query uses it while every writer pays for it. Run the migration again: it drops the index and builds it anew.");
        }
    }

    /// <returns><c>null</c> when the statement is no such statement; otherwise whether its work is done.</returns>
    public async Task<bool?> IsFinishedAsync(CancellationToken cancellationToken)
    {
        if (IsCreate && Name is { } name)
        {
            return await connection.ScalarAsync<bool>(
                """
                SELECT EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                                WHERE i.indrelid = to_regclass($1) AND c.relname = $2 AND i.indisvalid)
                """,
                cancellationToken, Table, name);
        }

        if (IsDrop)
        {
            var at = SqlNames.SkipIfExists(statement, 3);
            return !await connection.ScalarAsync<bool>(
                "SELECT to_regclass($1) IS NOT NULL", cancellationToken, SqlNames.QualifiedAt(statement, at));
        }

        return IsReindex ? false : null;
    }

    private async Task<IReadOnlyList<string>> LeftoversAsync(CancellationToken cancellationToken)
    {
        if (IsCreate && Name is { } name)
        {
            return await connection.QueryAsync(
                """
                SELECT format('%I.%I', n.nspname, c.relname)
                  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE i.indrelid = to_regclass($1) AND c.relname = $2 AND NOT i.indisvalid
                """,
                row => row.GetString(0), cancellationToken, Table, name);
        }

        // REINDEX CONCURRENTLY builds a copy beside the index; PostgreSQL's manual says to drop a copy that a failure left there.
        return IsReindex
            ? await connection.QueryAsync(
                """
                SELECT format('%I.%I', n.nspname, c.relname)
                  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'
                   AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.relid = i.indrelid)
                """,
                row => row.GetString(0), cancellationToken)
            : [];
    }
}
