using Npgsql;
using NpgsqlTypes;
using Projections.Events;

namespace Projections.Postgres;

/// <summary>Short forms for one statement on an open connection, in whatever transaction it has open. Parameters are <c>$1</c>, <c>$2</c>, ….</summary>
internal static class Sql
{
    public static async Task<int> ExecuteAsync(
        this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = connection.Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The same for a statement whose time grows with the table, such as an index build: it has no timeout, and ends with the token.</summary>
    public static async Task<int> ExecuteLongAsync(
        this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = connection.Command(sql, parameters);
        command.CommandTimeout = 0;
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<T?> ScalarAsync<T>(
        this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = connection.Command(sql, parameters);
        return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
    }

    /// <summary>The same for a statement whose time grows with the table.</summary>
    public static async Task<T?> ScalarLongAsync<T>(
        this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = connection.Command(sql, parameters);
        command.CommandTimeout = 0;
        return await command.ExecuteScalarAsync(cancellationToken) is T value ? value : default;
    }

    public static async Task<List<T>> QueryAsync<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = connection.Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public static T? GetNullable<T>(this NpgsqlDataReader row, int ordinal)
        where T : class =>
        row.IsDBNull(ordinal) ? null : row.GetFieldValue<T>(ordinal);

    public static T? GetNullableValue<T>(this NpgsqlDataReader row, int ordinal)
        where T : struct =>
        row.IsDBNull(ordinal) ? null : row.GetFieldValue<T>(ordinal);

    /// <summary>Reads a position from the two columns that begin at <paramref name="ordinal"/>.</summary>
    public static EventPosition? GetPosition(this NpgsqlDataReader row, int ordinal) =>
        row.IsDBNull(ordinal) ? null : new EventPosition(row.GetInt64(ordinal), row.GetInt64(ordinal + 1));

    private static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, object?[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter is uint oid
                ? new NpgsqlParameter { Value = oid, NpgsqlDbType = NpgsqlDbType.Oid }
                : new NpgsqlParameter { Value = parameter ?? DBNull.Value });
        }

        return command;
    }
}
