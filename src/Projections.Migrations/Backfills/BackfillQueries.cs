using System.Text;
using Npgsql;
using NpgsqlTypes;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Postgres;

namespace Projections.Migrations.Backfills;

/// <summary>
/// The statements of a backfill. Keys travel as text, and PostgreSQL gives them the type of the column they are compared with, so any
/// type with an order will do. A key that is shown as text has a name of its own there: ORDER BY would take its own name for the text.
/// </summary>
internal sealed class BackfillQueries(MigrationFile file)
{
    private readonly string _table = file.FrontMatter.Table!;
    private readonly string _key = file.FrontMatter.Key!;
    private readonly string _statement = WithPositions(file.Statements[0]);

    /// <summary>The table as seen from a session whose search path is its own.</summary>
    public string TableIn(string? tenant) =>
        tenant is null || _table.Contains('.', StringComparison.Ordinal) ? _table : $"{SqlName.Quote(tenant)}.{_table}";

    public async Task<string?> FindEndAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, $"SELECT {_key}::text AS last_key FROM {_table} ORDER BY {_key} DESC LIMIT 1");
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <returns>The next range of keys; <c>null</c> at the end.</returns>
    public async Task<BackfillBatch?> FindBatchAsync(
        NpgsqlConnection connection, BackfillPlace place, int rows, CancellationToken cancellationToken)
    {
        var behind = place.LastKey is null ? "" : $"AND {_key} > $3";
        await using var command = Command(
            connection,
            $"""
            WITH batch AS MATERIALIZED (
                SELECT {_key} AS key FROM {_table} WHERE {_key} <= $1 {behind} ORDER BY {_key} LIMIT $2
            )
            SELECT (SELECT key::text AS first_key FROM batch ORDER BY key LIMIT 1),
                   (SELECT key::text AS last_key FROM batch ORDER BY key DESC LIMIT 1),
                   (SELECT count(*) FROM batch)
            """,
            place.EndKey!);
        command.Parameters.Add(new() { Value = rows });
        if (place.LastKey is not null)
        {
            command.Parameters.Add(Key(place.LastKey));
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetInt64(2) == 0 ? null : new BackfillBatch(reader.GetString(0), reader.GetString(1), reader.GetInt64(2));
    }

    public async Task RunBatchAsync(NpgsqlConnection connection, BackfillBatch batch, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, _statement, batch.First, batch.Last);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<string> keys)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var key in keys)
        {
            command.Parameters.Add(Key(key));
        }

        return command;
    }

    private static NpgsqlParameter Key(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Unknown };

    private static string WithPositions(SqlStatement statement)
    {
        var text = new StringBuilder(statement.Text);
        var start = statement.Tokens[0].Offset;
        foreach (var token in statement.Tokens.Where(token => token.Kind == SqlTokenKind.Parameter).Reverse())
        {
            text.Remove(token.Offset - start, token.Text.Length).Insert(token.Offset - start, token.Text == ":first" ? "$1" : "$2");
        }

        return text.ToString();
    }
}
