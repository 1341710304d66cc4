using Npgsql;
using NpgsqlTypes;

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

    /// <summary>
    /// Runs one statement as it stands, for as long as it takes. A command without parameters the driver would cut at semicolons, and those in
    /// the body of an SQL function (<c>BEGIN ATOMIC … END</c>) end no statement; what stands in a batch it leaves alone.
    /// </summary>
    public static async Task<int> ExecuteVerbatimAsync(this NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0, BatchCommands = { new NpgsqlBatchCommand(statement) } };
        return await batch.ExecuteNonQueryAsync(cancellationToken);
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
