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
    private readonly Dictionary<TKey, object?[]> _rows = [];

    /// <summary>The keys that were ever looked for.</summary>
    public HashSet<TKey> Asked { get; } = [];

    public IEnumerable<TRow> Rows => _rows.Values.Select(Load);

    public Task LoadAsync(RowSet<TKey, TRow> rows, List<TKey> keys, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
        {
            Asked.Add(key);
            rows.AddLoaded(key, _rows.TryGetValue(key, out var values) ? Load(values) : null);
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
            var kept = mapping.Copy(row);
            _rows[mapping.KeyOf(row)] = Array.ConvertAll(_columns, column => Copy(column.GetValue(kept)));
        }
    }

    private TRow Load(object?[] values)
    {
        var row = new TRow();
        for (var i = 0; i < values.Length; i++)
        {
            _columns[i].SetValue(row, Copy(values[i]));
        }

        return mapping.Copy(row);
    }

    // What may be changed in place is another object after a write and a load; documents are so by the mapping's copy.
    private static object? Copy(object? value) => value is Array array ? array.Clone() : value;
}
