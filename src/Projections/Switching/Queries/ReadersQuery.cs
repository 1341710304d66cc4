using Npgsql;
using Projections.Postgres;

namespace Projections.Switching.Queries;

/// <summary>A statement by which somebody reads the read name.</summary>
/// <param name="Text">The statement, with <c>$1</c>, <c>$2</c> … in place of values.</param>
/// <param name="Calls">How often it was sent since the database began to count; 0 when that is not known.</param>
internal sealed record ReadersQuery(string Text, long Calls)
{
    /// <summary>Those that take the most time between them. What comes behind them would be found by its readers before it hurts the database.</summary>
    private const int Most = 200;

    /// <summary>What the database has seen (extension <c>pg_stat_statements</c>), the most expensive first.</summary>
    /// <returns><c>null</c> when the database keeps no account, or we may not see it.</returns>
    public static async Task<IReadOnlyList<ReadersQuery>?> FindAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        var schema = await connection.ScalarAsync<string>(
            """
            select n.nspname::text from pg_extension e join pg_namespace n on n.oid = e.extnamespace
            -- Not the libraries that are loaded, which an ordinary role may not see: its own settings are there if it is.
            where e.extname = 'pg_stat_statements' and current_setting('pg_stat_statements.max', true) is not null
            """,
            cancellationToken);
        return schema is null ? null : await connection.QueryAsync(
            $"""
            select s.query, sum(s.calls)::bigint
            from {SqlName.Quote(schema, "pg_stat_statements")} s
            where s.dbid = (select oid from pg_database where datname = current_database())
              and s.query ~* '^[\s(]*(select|with|table)\M' and s.query ~* $1
            group by s.query order by sum(s.total_exec_time) desc limit {Most}
            """,
            row => new ReadersQuery(row.GetString(0), row.GetInt64(1)),
            cancellationToken,
            PatternOf(name));
    }

    /// <summary>A regular expression that finds statements in which a name stands.</summary>
    public static string PatternOf(string name) => $@"(^|[^\w$]){name}($|[^\w$])";

    /// <summary>The statements of a text; each ends with a semicolon at the end of a line.</summary>
    public static IReadOnlyList<ReadersQuery> Parse(string text) =>
    [
        .. text.ReplaceLineEndings("\n").Split(";\n").Select(statement => statement.Trim().TrimEnd(';')).Where(statement => statement.Length > 0)
            .Select(statement => new ReadersQuery(statement, 0)),
    ];
}
