using System.Runtime.InteropServices;
using Npgsql;
using Projections.Postgres;

namespace Projections.Tables;

/// <summary>
/// Writes what changed in the rows of a fold. Deletes go first and rows that are new to the table last,
/// so that a value that moved from one row to another does not meet itself in a unique index.
/// </summary>
internal sealed class RowWriter<TKey, TRow>(RowMapping<TKey, TRow> mapping, TableStatements statements, KindOfTable kind, IReadOnlyList<RowSet<TKey, TRow>> sets)
    where TKey : notnull
    where TRow : class, new()
{
    /// <summary>
    /// Up to here one round trip is quicker than COPY, a staging table and a merge; it also leaves no dead rows in the system catalogs, which a
    /// staging table does.
    /// </summary>
    internal const int SmallWrite = 500;

    /// <summary>The same where the rows cannot be in arrays, and each is a statement.</summary>
    private const int SmallWriteByRow = 64;

    private readonly PendingRows<TKey, TRow>[] _pending = [.. sets.Select(rows => new PendingRows<TKey, TRow>(mapping, rows))];

    /// <summary>Whether nothing has ever been written to the table.</summary>
    public bool TableIsEmpty { get; set; }

    /// <summary>How many processes may help to build the key's index.</summary>
    public int IndexWorkers { get; init; }

    private string Delete => kind.IsDistributed ? statements.DeleteFromShards : statements.Delete;

    private int MostInSmallWrite => kind.IsDistributed ? Math.Min(SmallWrite, TableStatements.MostParameters / mapping.Columns.Count)
        : mapping.FitsArrays ? SmallWrite
        : SmallWriteByRow;

    /// <returns>How many rows were written or deleted.</returns>
    public async Task<long> WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var pending in _pending)
        {
            pending.Sort();
        }

        var deleted = _pending.Sum(pending => pending.Deleted.Count);
        var updated = _pending.Sum(pending => pending.Updated.Count);
        var inserted = _pending.Sum(pending => pending.Inserted.Count);
        var count = deleted + updated + inserted;
        await kind.LookAsync(connection, cancellationToken);
        if (count > 0 && count <= MostInSmallWrite)
        {
            await WriteSmallAsync(connection, cancellationToken);
            return count;
        }

        if (kind.IsDistributed)
        {
            await connection.ExecuteAsync(statements.InTwoPhases, cancellationToken);
        }

        if (deleted > 0)
        {
            await DeleteAsync(connection, cancellationToken);
        }

        if (updated > 0)
        {
            await MergeAsync(connection, cancellationToken);
        }

        if (inserted > 0)
        {
            await InsertAsync(inserted, connection, cancellationToken);
        }

        return count;
    }

    /// <summary>Adds the statements of a small write to a batch that others have a part in, too.</summary>
    /// <returns>Whether it was small, and it is known what to write; if not, nothing was added.</returns>
    public bool TryAdd(NpgsqlBatch batch)
    {
        var count = 0;
        foreach (var pending in _pending)
        {
            pending.Sort();
            count += pending.Deleted.Count + pending.Updated.Count + pending.Inserted.Count;
        }

        if (!kind.IsKnown || count > MostInSmallWrite)
        {
            return false;
        }

        Add(batch);
        return true;
    }

    private async Task WriteSmallAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        Add(batch);
        // There is another statement for each number of rows in a distributed table.
        await (kind.IsDistributed ? Task.CompletedTask : batch.PrepareAsync(cancellationToken));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private void Add(NpgsqlBatch batch)
    {
        if (kind.IsDistributed)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statements.InTwoPhases));
        }

        foreach (var pending in _pending.Where(pending => pending.Deleted.Count > 0))
        {
            var delete = new NpgsqlBatchCommand(Delete);
            AddKeys(delete.Parameters, pending);
            batch.BatchCommands.Add(delete);
        }

        AddRows(batch, areInTable: true, [.. _pending.SelectMany(pending => pending.UpdatedRows)]);
        AddRows(batch, areInTable: false, [.. _pending.SelectMany(pending => pending.InsertedRows)]);
    }

    /// <summary>Several rows are one statement, where their columns can be arrays, or the table is distributed.</summary>
    private void AddRows(NpgsqlBatch batch, bool areInTable, List<TRow> rows)
    {
        if (rows.Count > 1 && kind.IsDistributed)
        {
            var command = new NpgsqlBatchCommand(statements.WriteRows(rows.Count, areInTable));
            rows.ForEach(row => mapping.AddParameters(command, row));
            batch.BatchCommands.Add(command);
            return;
        }

        if (rows.Count > 1 && mapping.FitsArrays)
        {
            var command = new NpgsqlBatchCommand(areInTable ? statements.MergeAll : statements.InsertAll);
            mapping.AddParameters(command, rows);
            batch.BatchCommands.Add(command);
            return;
        }

        foreach (var row in rows)
        {
            var command = new NpgsqlBatchCommand(areInTable ? statements.Merge : statements.Insert);
            mapping.AddParameters(command, row);
            batch.BatchCommands.Add(command);
        }
    }

    private async Task DeleteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var pending in _pending.Where(pending => pending.Deleted.Count > 0))
        {
            await using var command = new NpgsqlCommand(Delete, connection) { CommandTimeout = 0 };
            AddKeys(command.Parameters, pending);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private async Task MergeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(statements.CreateStage, cancellationToken);
        await CopyAsync(statements.CopyToStage, pending => pending.UpdatedRows, connection, cancellationToken);
        await connection.ExecuteLongAsync($"{statements.MergeStage}; {statements.DropStage}", cancellationToken);
    }

    private async Task InsertAsync(int count, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var first = TableIsEmpty && count >= FirstLoad.FewestRows ? await FirstLoad.BeginAsync(connection, statements.Table, IndexWorkers, cancellationToken) : null;
        await CopyAsync(first is { CanFreeze: true } ? statements.CopyFrozen : statements.Copy, pending => pending.InsertedRows, connection, cancellationToken);
        if (first is not null)
        {
            await first.EndAsync(cancellationToken);
        }
    }

    private async Task CopyAsync(
        string copy, Func<PendingRows<TKey, TRow>, IEnumerable<TRow>> rowsOf, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var buffer = new CopyBuffer();
        var stream = await connection.BeginRawBinaryCopyAsync(copy, cancellationToken);
        await using (stream)
        {
            try
            {
                buffer.Header();
                foreach (var row in _pending.SelectMany(rowsOf))
                {
                    mapping.Write(buffer, row);
                    if (buffer.IsFull)
                    {
                        await SendAsync(buffer, stream, cancellationToken);
                    }
                }

                buffer.Trailer();
                await SendAsync(buffer, stream, cancellationToken);
            }
            catch
            {
                // What went wrong first is told, whatever comes of calling the rest off.
                await stream.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }
    }

    private static async ValueTask SendAsync(CopyBuffer buffer, NpgsqlRawCopyStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(buffer.Written, cancellationToken);
        buffer.Clear();
    }

    private void AddKeys(NpgsqlParameterCollection parameters, PendingRows<TKey, TRow> pending)
    {
        foreach (var part in mapping.Key)
        {
            parameters.Add(part.Values(CollectionsMarshal.AsSpan(pending.Deleted)));
        }
    }
}
