using System.Data;
using System.Runtime.InteropServices;
using Npgsql;

namespace Projections.Tables;

/// <summary>Loads rows from the version's table by their keys.</summary>
internal sealed class RowLoader<TKey, TRow>(RowMapping<TKey, TRow> mapping, TableStatements statements, KindOfTable kind) : IRowLoader<TKey, TRow>, IDisposable
    where TKey : notnull
    where TRow : class, new()
{
    private readonly SemaphoreSlim _turn = new(1);

    public async Task LoadAsync(RowSet<TKey, TRow> rows, List<TKey> keys, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // The partitions of a fold share a connection, and a connection does one thing at a time.
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await ReadAsync(rows, keys, connection, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task ReadAsync(RowSet<TKey, TRow> rows, List<TKey> keys, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (connection.State == ConnectionState.Closed)
        {
            await connection.OpenAsync(cancellationToken);
        }

        await kind.LookAsync(connection, cancellationToken);
        await using var command = new NpgsqlCommand(kind.IsDistributed ? statements.LoadFromShards : statements.Load, connection);
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
