using System.Reflection;
using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Tables;

namespace Projections.Testing.Folding;

/// <summary>Folds by the code that folds in a replay, over a table in memory.</summary>
internal sealed class MemoryGround<TKey, TRow> : IMemoryGround
    where TKey : notnull
    where TRow : class, new()
{
    // Handed through to the table, which needs none.
    private static readonly NpgsqlConnection None = new();

    private readonly TableProjection<TKey, TRow> _version;
    private readonly MemoryTable<TKey, TRow> _table;
    private FoldPartition<TKey, TRow> _fold = null!;
    private PendingRows<TKey, TRow> _pending = null!;

    public MemoryGround(TableProjection<TKey, TRow> version)
    {
        _version = version;
        _table = new MemoryTable<TKey, TRow>(version.Mapping);
    }

    public IReadOnlyList<string> Columns => [.. _version.Mapping.Columns.Select(column => column.Name)];

    public IReadOnlyList<SetAsideEvent> SetAside { get; private set; } = [];

    public ValueTask EmptyAsync()
    {
        _table.Clear();
        return ValueTask.CompletedTask;
    }

    public void Open(bool tableIsEmpty)
    {
        _fold = _version.OpenPartition(new FoldOptions("memory", static () => long.MaxValue, tableIsEmpty), _table);
        _pending = new PendingRows<TKey, TRow>(_version.Mapping, _fold.Rows);
    }

    public async ValueTask FoldAsync(RecordedEvent[] batch) => await _fold.FoldAsync(batch, None, CancellationToken.None);

    public ValueTask CommitAsync()
    {
        _table.Write(_pending);
        SetAside = [.. _fold.SetAside];
        _fold.Committed(long.MaxValue);
        return ValueTask.CompletedTask;
    }

    public void Forget() => _fold.Forget();

    public KeyProbe Probe(IReadOnlyList<RecordedEvent> events)
    {
        // A fold that does not know its table to be empty looks for every key, and does so before it changes any row.
        _table.Clear();
        _table.Asked.Clear();
        Open(tableIsEmpty: false);
        bool fails;
        try
        {
            FoldAsync([.. events]).AsTask().GetAwaiter().GetResult();
            fails = _fold.SetAside.Count > 0;
        }
        catch (PoisonEvent)
        {
            fails = true;
        }

        return new KeyProbe(_table.Asked.Select(key => RowShape<TKey, TRow>.KeyText(_version.Mapping, key)).ToHashSet(StringComparer.Ordinal), fails);
    }

    public ValueTask<IReadOnlyList<FoundRow>> ReadAsync() => new(RowShape<TKey, TRow>.Show(_version.Mapping, _table.Rows));
}

/// <summary>How rows of a table projection are shown.</summary>
internal static class RowShape<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    /// <summary>The rows in the order of their keys.</summary>
    public static IReadOnlyList<FoundRow> Show(RowMapping<TKey, TRow> mapping, IEnumerable<TRow> rows)
    {
        var columns = mapping.Properties;
        return [.. rows
            .OrderBy(row => KeyParts(mapping, row), KeyOrder.Instance)
            .Select(row => Show(mapping, columns, row))];
    }

    public static string KeyText(RowMapping<TKey, TRow> mapping, TKey key) => ValueText.OfKey(KeyParts(mapping, mapping.NewRow(key)));

    public static FoundRow Show(RowMapping<TKey, TRow> mapping, TRow row) => Show(mapping, mapping.Properties, row);

    private static FoundRow Show(RowMapping<TKey, TRow> mapping, IReadOnlyList<PropertyInfo> columns, TRow row) =>
        new(ValueText.OfKey(KeyParts(mapping, row)), [.. columns.Select(column => ValueText.Of(column.GetValue(row)))], row);

    private static object?[] KeyParts(RowMapping<TKey, TRow> mapping, TRow row) =>
        [.. mapping.Properties.Where((_, i) => mapping.Columns[i].KeyOrdinal > 0).Select(property => property.GetValue(row))];
}
