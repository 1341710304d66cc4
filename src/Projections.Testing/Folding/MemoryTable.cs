using System.Reflection;
using Npgsql;
using Projections.Tables;

namespace Projections.Testing.Folding;

/// <summary>A table in memory. It keeps of a row what its columns keep, and gives it back as another object, as a table does.</summary>
internal sealed class MemoryTable<TKey, TRow>(RowMapping<TKey, TRow> mapping) : IRowLoader<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    private readonly PropertyInfo[] _columns = [.. mapping.Properties];
    private readonly Dictionary<TKey, TRow> _rows = [];

    /// <summary>The keys that were ever looked for.</summary>
    public HashSet<TKey> Asked { get; } = [];

    public IEnumerable<TRow> Rows => _rows.Values.Select(OnlyColumns);

    public Task LoadAsync(RowSet<TKey, TRow> rows, List<TKey> keys, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
        {
            Asked.Add(key);
            rows.AddLoaded(key, _rows.TryGetValue(key, out var row) ? OnlyColumns(row) : null);
        }

        return Task.CompletedTask;
    }

    public void Clear() => _rows.Clear();

    /// <summary>Takes over what changed.</summary>
    /// <exception cref="InvalidOperationException">A handler changed a key.</exception>
    public void Write(PendingRows<TKey, TRow> pending)
    {
        pending.Sort();
        foreach (var key in pending.Deleted)
        {
            _rows.Remove(key);
        }

        foreach (var row in pending.UpdatedRows.Concat(pending.InsertedRows))
        {
            _rows[mapping.KeyOf(row)] = OnlyColumns(row);
        }
    }

    /// <summary>Another row with what the columns keep of this one, and nothing that may be changed in place in common with it.</summary>
    private TRow OnlyColumns(TRow row)
    {
        var copy = mapping.Copy(row);
        var kept = new TRow();
        foreach (var column in _columns)
        {
            column.SetValue(kept, column.GetValue(copy) is Array array ? array.Clone() : column.GetValue(copy));
        }

        return kept;
    }
}
