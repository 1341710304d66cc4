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
    private readonly RowShape<TKey, TRow> _shape;
    private readonly MemoryTable<TKey, TRow> _table;
    private readonly GivenBeginnings _beginnings = new();
    private FoldPartition<TKey, TRow> _fold = null!;
    private PendingRows<TKey, TRow> _pending = null!;

    public MemoryGround(TableProjection<TKey, TRow> version)
    {
        _version = version;
        _shape = new RowShape<TKey, TRow>(version.Mapping);
        _table = new MemoryTable<TKey, TRow>(version.Mapping);
    }

    public IReadOnlyList<string> Columns => _shape.Columns;

    public IReadOnlyList<SetAsideEvent> SetAside { get; private set; } = [];

    public ValueTask EmptyAsync()
    {
        _table.Clear();
        _beginnings.Clear();
        return ValueTask.CompletedTask;
    }

    public void Open(bool tableIsEmpty)
    {
        _fold = _version.OpenPartition(new FoldOptions("memory", static () => long.MaxValue, tableIsEmpty) { HasLostBeginning = _beginnings.AreLostAsync }, _table);
        _pending = new PendingRows<TKey, TRow>(_version.Mapping, _fold.Rows);
    }

    public async ValueTask FoldAsync(RecordedEvent[] batch)
    {
        _beginnings.Note(batch);
        await _fold.FoldAsync(batch, None, CancellationToken.None);
    }

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
        _beginnings.Clear();
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

        return new KeyProbe(_table.Asked.Select(_shape.KeyText).ToHashSet(StringComparer.Ordinal), fails);
    }

    public ValueTask<IReadOnlyList<FoundRow>> ReadAsync() => new(_shape.Show(_table.Rows));
}
