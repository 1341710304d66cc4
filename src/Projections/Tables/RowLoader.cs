using System.Runtime.InteropServices;
using Npgsql;

namespace Projections.Tables;

/// <summary>Loads rows from the version's table by their keys.</summary>
internal sealed class RowLoader<TKey, TRow>(RowMapping<TKey, TRow> mapping, TableStatements statements)
    where TKey : notnull
    where TRow : class, new()
{
    /// <summary>Reads the rows of all <paramref name="keys"/>, and notes for the others that the table has none.</summary>
    public async Task LoadAsync(RowSet<TKey, TRow> rows, List<TKey> keys, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statements.Load, connection);
        foreach (var part in mapping.Key)
        {
            command.Parameters.Add(part.Values(CollectionsMarshal.AsSpan(keys)));
        }

        foreach (var key in keys)
        {
            rows.AddLoaded(key, null);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = mapping.Read(reader);
            rows.AddLoaded(mapping.KeyOf(row), row);
        }
    }
}
