using System.Runtime.InteropServices;
using Npgsql;

namespace Projections.Tables;

/// <summary>
/// Writes what changed in a <see cref="RowSet{TKey,TRow}"/>. Deletes go first and rows that are new to the table last,
/// so that a value that moved from one row to another does not meet itself in a unique index.
/// </summary>
internal sealed class RowWriter<TKey, TRow>(RowMapping<TKey, TRow> mapping, TableStatements statements)
    where TKey : notnull
    where TRow : class, new()
{
    /// <summary>
    /// Up to here one round trip with a statement a row is quicker than COPY, a staging table and a merge; it also
    /// leaves no dead rows in the system catalogs, which a staging table does.
    /// </summary>
    internal const int SmallWrite = 64;

    private readonly List<TKey> _deleted = [];
    private readonly List<int> _updated = [];
    private readonly List<int> _inserted = [];

    /// <returns>How many rows were written or deleted.</returns>
    public async Task<long> WriteAsync(RowSet<TKey, TRow> rows, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        Sort(rows);
        var count = _deleted.Count + _updated.Count + _inserted.Count;
        if (count == 0)
        {
            return 0;
        }

        if (count <= SmallWrite)
        {
            await WriteSmallAsync(rows, connection, cancellationToken);
            return count;
        }

        if (_deleted.Count > 0)
        {
            await DeleteAsync(connection, cancellationToken);
        }

        if (_updated.Count > 0)
        {
            await MergeAsync(rows, connection, cancellationToken);
        }

        if (_inserted.Count > 0)
        {
            await CopyAsync(statements.Copy, rows, _inserted, connection, cancellationToken);
        }

        return count;
    }

    private void Sort(RowSet<TKey, TRow> rows)
    {
        _deleted.Clear();
        _updated.Clear();
        _inserted.Clear();
        foreach (var slot in rows.Changed)
        {
            var inTable = (rows.StateAt(slot) & RowState.InTable) != 0;
            if (rows.RowAt(slot) is null)
            {
                if (inTable)
                {
                    _deleted.Add(rows.KeyAt(slot));
                }
            }
            else
            {
                (inTable ? _updated : _inserted).Add(slot);
            }
        }
    }

    private async Task WriteSmallAsync(RowSet<TKey, TRow> rows, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (_deleted.Count > 0)
        {
            var delete = new NpgsqlBatchCommand(statements.Delete);
            AddKeys(delete.Parameters);
            batch.BatchCommands.Add(delete);
        }

        AddRows(batch, statements.Merge, rows, _updated);
        AddRows(batch, statements.Insert, rows, _inserted);
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private void AddRows(NpgsqlBatch batch, string statement, RowSet<TKey, TRow> rows, List<int> slots)
    {
        foreach (var slot in slots)
        {
            var command = new NpgsqlBatchCommand(statement);
            mapping.AddParameters(command, Writable(rows, slot));
            batch.BatchCommands.Add(command);
        }
    }

    private async Task DeleteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statements.Delete, connection) { CommandTimeout = 0 };
        AddKeys(command.Parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task MergeAsync(RowSet<TKey, TRow> rows, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(statements.CreateStage, cancellationToken);
        await CopyAsync(statements.CopyToStage, rows, _updated, connection, cancellationToken);
        await connection.ExecuteLongAsync($"{statements.MergeStage}; {statements.DropStage}", cancellationToken);
    }

    private async Task CopyAsync(string copy, RowSet<TKey, TRow> rows, List<int> slots, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var buffer = new CopyBuffer();
        var stream = await connection.BeginRawBinaryCopyAsync(copy, cancellationToken);
        await using (stream)
        {
            try
            {
                buffer.Header();
                for (var i = 0; i < slots.Count;)
                {
                    for (; i < slots.Count && !buffer.IsFull; i++)
                    {
                        mapping.Write(buffer, Writable(rows, slots[i]));
                    }

                    await SendAsync(buffer, stream, cancellationToken);
                }

                buffer.Trailer();
                await SendAsync(buffer, stream, cancellationToken);
            }
            catch
            {
                await stream.CancelAsync();
                throw;
            }
        }
    }

    private static async ValueTask SendAsync(CopyBuffer buffer, NpgsqlRawCopyStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(buffer.Written, cancellationToken);
        buffer.Clear();
    }

    /// <summary>The row of a slot, proved to be what its key says: a handler must not change the key.</summary>
    private TRow Writable(RowSet<TKey, TRow> rows, int slot)
    {
        var row = rows.RowAt(slot)!;
        return mapping.Carries(row, rows.KeyAt(slot))
            ? row
            : throw new InvalidOperationException($"A handler changed the key of the row {rows.KeyAt(slot)} to {mapping.KeyOf(row)}. The key belongs to the framework: delete the row and create another.");
    }

    private void AddKeys(NpgsqlParameterCollection parameters)
    {
        foreach (var part in mapping.Key)
        {
            parameters.Add(part.Values(CollectionsMarshal.AsSpan(_deleted)));
        }
    }
}
