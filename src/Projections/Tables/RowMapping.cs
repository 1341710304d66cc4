using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using Projections.Definitions;

namespace Projections.Tables;

/// <summary>
/// What a row type says about its table, with everything that is needed to make, copy, write and read rows made once.
/// </summary>
internal sealed class RowMapping<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    private static readonly Func<object, object> Clone = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Func<object, object>>();

    private readonly RowColumn<TRow>[] _columns;
    private readonly RowColumn<TRow>[] _settled;
    private readonly RowColumn<TRow>[] _heapColumns;
    private readonly RowColumn<TRow>[] _mutable;
    private readonly KeyPart<TKey, TRow>[] _key;
    private readonly Func<TRow, TKey> _keyOf;

    internal RowMapping(RowColumn<TRow>[] columns, KeyPart<TKey, TRow>[] key, Func<TRow, TKey> keyOf)
    {
        _columns = columns;
        _settled = [.. columns.Where(column => column.Settles)];
        _heapColumns = [.. columns.Where(column => column.HasHeapBytes)];
        _mutable = [.. columns.Where(column => column.IsMutable)];
        _key = key;
        _keyOf = keyOf;
        Columns = [.. columns.Select(column => column.Definition)];
        RowBytes = RowSize.Of(typeof(TRow));
    }

    public IReadOnlyList<ColumnDefinition> Columns { get; }

    public IReadOnlyList<KeyPart<TKey, TRow>> Key => _key;

    /// <summary>The row's properties that are columns, in the order of <see cref="Columns"/>.</summary>
    public IReadOnlyList<PropertyInfo> Properties => Array.ConvertAll(_columns, column => column.Property);

    /// <summary>The columns with what they are in a row, in the order of <see cref="Columns"/>.</summary>
    public IReadOnlyList<RowColumn<TRow>> RowColumns => _columns;

    /// <summary>The columns that keep documents, and what the JSON of those is made of.</summary>
    public IEnumerable<(ColumnDefinition Column, JsonTypeInfo Shape)> Documents => _columns.Where(column => column.Document is not null).Select(column => (column.Definition, column.Document!));

    /// <summary>Whether some values can be looked at only by writing them as JSON.</summary>
    public bool HasDocuments => _mutable.Length > 0;

    /// <summary>The bytes of a row's own object, without the texts and arrays that it refers to.</summary>
    public int RowBytes { get; }

    /// <summary>A new row of that key.</summary>
    /// <exception cref="UnstorableValue">The key would not come back from the table as it is.</exception>
    public TRow NewRow(TKey key)
    {
        var row = new TRow();
        foreach (var part in _key)
        {
            part.Set(row, key);
        }

        return row;
    }

    /// <summary>Whether the row would come back from the table under this key.</summary>
    public bool Carries(TRow row, TKey key) => EqualityComparer<TKey>.Default.Equals(_keyOf(row), key);

    public TKey KeyOf(TRow row) => _keyOf(row);

    /// <summary>A copy that no handler can reach: values are flat, arrays are replaced, not changed, and documents are copied.</summary>
    public TRow Copy(TRow row)
    {
        var copy = (TRow)Clone(row);
        foreach (var column in _mutable)
        {
            column.Detach(copy);
        }

        return copy;
    }

    /// <inheritdoc cref="RowColumn{TRow}.Settle"/>
    public void Settle(TRow row)
    {
        foreach (var column in _settled)
        {
            column.Settle(row);
        }
    }

    /// <inheritdoc cref="RowColumn{TRow}.Inspect"/>
    public void Inspect(TRow row)
    {
        foreach (var column in _columns)
        {
            column.Inspect(row);
        }
    }

    public int HeapBytes(TRow row)
    {
        var bytes = 0;
        foreach (var column in _heapColumns)
        {
            bytes += column.HeapBytes(row);
        }

        return bytes;
    }

    /// <exception cref="UnstorableValue">A document has no JSON; the message names the row.</exception>
    public void Write(CopyBuffer buffer, TRow row)
    {
        buffer.Row(_columns.Length);
        foreach (var column in _columns)
        {
            try
            {
                column.Write(buffer, row);
            }
            catch (UnstorableValue unstorable)
            {
                throw Unwritable(row, column, unstorable);
            }
        }
    }

    public TRow Read(NpgsqlDataReader reader)
    {
        var row = new TRow();
        for (var ordinal = 0; ordinal < _columns.Length; ordinal++)
        {
            _columns[ordinal].Read(reader, ordinal, row);
        }

        return row;
    }

    /// <summary>Reads a key whose parts stand in the first columns, in the key's order.</summary>
    public TKey ReadKey(NpgsqlDataReader reader)
    {
        var row = new TRow();
        for (var ordinal = 0; ordinal < _key.Length; ordinal++)
        {
            foreach (var column in _columns)
            {
                if (ReferenceEquals(column.Definition, _key[ordinal].Column))
                {
                    column.Read(reader, ordinal, row);
                }
            }
        }

        return KeyOf(row);
    }

    /// <inheritdoc cref="Write"/>
    public void AddParameters(NpgsqlBatchCommand command, TRow row)
    {
        foreach (var column in _columns)
        {
            try
            {
                command.Parameters.Add(column.Parameter(row));
            }
            catch (UnstorableValue unstorable)
            {
                throw Unwritable(row, column, unstorable);
            }
        }
    }

    /// <summary>Whether rows can be given as one array a column.</summary>
    public bool FitsArrays => Array.TrueForAll(_columns, column => column.FitsArray);

    /// <summary>Adds rows as one array a column.</summary>
    /// <inheritdoc cref="Write"/>
    public void AddParameters(NpgsqlBatchCommand command, IReadOnlyList<TRow> rows)
    {
        foreach (var column in _columns)
        {
            try
            {
                command.Parameters.Add(column.Parameter(rows));
            }
            catch (UnstorableValue)
            {
                ThrowForTheFirst(rows, column);
                throw;
            }
        }
    }

    private void ThrowForTheFirst(IReadOnlyList<TRow> rows, RowColumn<TRow> column)
    {
        foreach (var row in rows)
        {
            try
            {
                column.Parameter(row);
            }
            catch (UnstorableValue unstorable)
            {
                throw Unwritable(row, column, unstorable);
            }
        }
    }

    private UnstorableValue Unwritable(TRow row, RowColumn<TRow> column, UnstorableValue unstorable) =>
        new($"the row {_keyOf(row)} cannot be written: {column.Definition.Name}: {unstorable.Message}");
}
