using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Generating;

/// <summary>Gives a table or a column another name, where somebody says that it is the same one.</summary>
internal static class RenameStep
{
    /// <param name="connection">Where it is, under its old name.</param>
    /// <param name="text">The old name, qualified as it must be, an equals sign, and the new name: <c>orders.note=remark</c>.</param>
    /// <param name="cancellationToken">Ends the queries.</param>
    /// <exception cref="MigrationRefused">There is nothing of the old name.</exception>
    public static async Task<SchemaStep> OfAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        if (text.Split('=', 2, StringSplitOptions.TrimEntries) is not [var old, var now] || now.Length == 0)
        {
            throw Refused($"'{text}' is no rename. Write OLD=NEW: orders.note=remark for a column, orders=purchases for a table.");
        }

        if (await FindTableAsync(connection, old, cancellationToken) is { } table)
        {
            return Step($"ALTER TABLE {table.Name} RENAME TO {Plain(now)}", $"ALTER TABLE {table.Schema}.{Plain(now)} RENAME TO {table.Own}");
        }

        var dot = old.LastIndexOf('.');
        var column = old[(dot + 1)..];
        if (dot > 0 && await FindTableAsync(connection, old[..dot], cancellationToken) is { } host && await HasColumnAsync(connection, host.Name, column, cancellationToken))
        {
            return Step($"ALTER TABLE {host.Name} RENAME COLUMN {Plain(column)} TO {Plain(now)}", $"ALTER TABLE {host.Name} RENAME COLUMN {Plain(now)} TO {Plain(column)}");
        }

        throw Refused($"There is no table or column '{old}' after the last migration, so it cannot be renamed to '{now}'.");
    }

    private static async Task<(string Name, string Schema, string Own)?> FindTableAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        try
        {
            var found = await connection.QueryAsync(
                """
                SELECT format('%I.%I', n.nspname, c.relname), format('%I', n.nspname), format('%I', c.relname)
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')
                """,
                row => (row.GetString(0), row.GetString(1), row.GetString(2)), cancellationToken, name);
            return found is [var only] ? only : null;
        }
        catch (PostgresException notAName) when (notAName.SqlState is PostgresErrorCodes.InvalidName or PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.SyntaxError)
        {
            return null;
        }
    }

    private static Task<bool> HasColumnAsync(NpgsqlConnection connection, string table, string column, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND attnum > 0 AND NOT attisdropped)",
            cancellationToken, table, column.Trim('"'));

    private static string Plain(string name) => SqlName.Quote(name.Trim('"'));

    private static SchemaStep Step(string up, string down) => new(StepPhase.Renames, [up], [down]);

    private static MigrationRefused Refused(string message) => new([new Refusal("rename", message)]);
}
