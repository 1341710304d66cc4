using System.Runtime.InteropServices;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Tables;

/// <summary>
/// Rows in memory by key, and what changed of them since the last commit. A slot without a row is a key that is known to
/// have none (deleted, or looked for in vain).
/// </summary>
internal sealed class RowSet<TKey, TRow>(RowMapping<TKey, TRow> mapping)
    where TKey : notnull
    where TRow : class, new()
{
    private const int SampleEvery = 32;

    private readonly RowTable<TKey, TRow> _table = new();
    private readonly List<int> _changed = [];
    private readonly List<(int Slot, TRow? Row, RowState State)> _undo = [];
    private int _clock;
    private int _untilSample = 1;
    private bool _isNew;
    private bool _remembers;
    private long _sampledBytes;
    private long _samples;

    /// <summary>Whether changes since <see cref="BeginEvent"/> can be taken back; costs a copy of each row that is changed.</summary>
    public bool KeepsUndo { get; init; }

    /// <summary>The only keys whose rows are folded, or <c>null</c> for all. Events do nothing to other rows.</summary>
    public IReadOnlySet<TKey>? Only { get; init; }

    /// <summary>What becomes of the event that is being folded when it finds no row although its handler says that there is one.</summary>
    public StreamsWithoutBeginning WithoutBeginning { get; set; }

    /// <summary>Whether the event that is being folded holds a NUL character, so that its rows must be looked at more closely.</summary>
    public bool Suspicious { get; set; }

    public int Count => _table.Count;

    /// <summary>The slots of rows that changed since the last commit.</summary>
    public ReadOnlySpan<int> Changed => CollectionsMarshal.AsSpan(_changed);

    public bool HasChanges => _changed.Count > 0;

    /// <summary>
    /// About the bytes taken: the table at its full size, the rows' objects, and what hangs on them as far as it was looked
    /// at (one loaded or changed row in some).
    /// </summary>
    public long Bytes => _table.Bytes + ((long)Count * (mapping.RowBytes + HeapBytesPerRow));

    private long HeapBytesPerRow => _samples == 0 ? 0 : _sampledBytes / _samples;

    /// <summary>Events folded from now on count as later than those before, for the choice of what to evict.</summary>
    public void Tick() => _clock++;

    public bool Knows(TKey key) => _table.Find(key) >= 0;

    /// <summary>The slot of a key, or -1.</summary>
    public int Find(TKey key) => _table.Find(key);

    public TRow? RowAt(int slot) => _table[slot].Row;

    public TKey KeyAt(int slot) => _table[slot].Key;

    public RowState StateAt(int slot) => _table[slot].State;

    /// <summary>Gives a key that has none a slot.</summary>
    public int Add(TKey key)
    {
        var slot = _table.Add(key);
        _table[slot].State = RowState.Taken;
        _table[slot].Touched = _clock;
        return slot;
    }

    /// <summary>A row that was read from the table, or the knowledge that it has none.</summary>
    public void AddLoaded(TKey key, TRow? row)
    {
        var slot = Find(key);
        if (slot < 0)
        {
            slot = Add(key);
        }

        ref var loaded = ref _table[slot];
        loaded.Row = row;
        loaded.State = row is null ? RowState.Taken : RowState.Taken | RowState.InTable;
        loaded.Touched = _clock;
        if (row is not null)
        {
            SampleSome(row);
        }
    }

    /// <param name="isWatched">Whether somebody is to be told what the event does, which costs a copy of each row that it changes.</param>
    public void BeginEvent(bool isWatched = false)
    {
        _undo.Clear();
        _remembers = KeepsUndo || isWatched;
        _isNew = false;
    }

    /// <summary>Takes everything back since <see cref="BeginEvent"/>.</summary>
    public void UndoEvent()
    {
        for (var i = _undo.Count - 1; i >= 0; i--)
        {
            var (slot, row, state) = _undo[i];
            ref var undone = ref _table[slot];
            undone.Row = row;

            // It stays listed as changed: writing it as it was does no harm, listing it twice would.
            undone.State = state | (undone.State & RowState.Changed);
        }

        _undo.Clear();
    }

    /// <summary>Tells what has become of rows since <see cref="BeginEvent"/>, in the order in which they were first touched.</summary>
    public void Tell(IRowWatch watch, RecordedEvent[] batch, int index)
    {
        foreach (var (slot, before, _) in _undo)
        {
            ref var now = ref _table[slot];
            if (before is not null || now.Row is not null)
            {
                watch.Changed(batch, index, now.Key, before, now.Row);
            }
        }
    }

    /// <summary>The row at a slot is about to be changed in place.</summary>
    public void Touch(int slot)
    {
        if (_remembers)
        {
            Remember(slot);
        }

        ref var touched = ref _table[slot];
        touched.Touched = _clock;
        if ((touched.State & RowState.Changed) == 0)
        {
            touched.State |= RowState.Changed;
            _changed.Add(slot);
        }
    }

    /// <summary>Puts a row, or none, into a slot after <see cref="Touch"/>.</summary>
    public void Put(int slot, TRow? row) => _table[slot].Row = row;

    /// <summary>Puts a new row of the slot's key into it after <see cref="Touch"/>.</summary>
    public TRow PutNew(int slot)
    {
        var row = mapping.NewRow(_table[slot].Key);
        _table[slot].Row = row;
        _isNew = true;
        return row;
    }

    /// <summary>A handler is done with the row: it is made what it would be when read back.</summary>
    /// <exception cref="UnstorableValue">The table cannot hold the row under its key.</exception>
    public void Settle(int slot, TRow row)
    {
        mapping.Settle(row);
        if (_isNew)
        {
            _isNew = false;
            if (!mapping.Carries(row, _table[slot].Key))
            {
                throw new UnstorableValue($"the key {_table[slot].Key} would come back from the table as {mapping.KeyOf(row)}");
            }
        }

        // A document that cannot be written is found at its event where that is to be set aside, and else when it is written.
        if (Suspicious || (KeepsUndo && mapping.HasDocuments))
        {
            mapping.Inspect(row);
        }

        SampleSome(row);
    }

    /// <summary>What was listed as changed is in the table now.</summary>
    public void Committed()
    {
        foreach (var slot in Changed)
        {
            ref var committed = ref _table[slot];
            if (committed.Row is null)
            {
                _table.Remove(slot);
            }
            else
            {
                committed.State = RowState.Taken | RowState.InTable;
            }
        }

        _changed.Clear();
    }

    /// <summary>
    /// Frees unchanged rows, those untouched for longest first, until about <paramref name="bytes"/> are left in use.
    /// To be called when nothing is listed as changed.
    /// </summary>
    public void Evict(long bytes, Action<TKey> evicted)
    {
        var perRow = Math.Max(1, mapping.RowBytes + HeapBytesPerRow);
        var surplus = (int)Math.Min(Count, (Bytes - bytes + perRow - 1) / perRow);
        if (surplus <= 0)
        {
            return;
        }

        var before = TouchedBefore(surplus);
        for (var slot = 0; slot < _table.Used && surplus > 0; slot++)
        {
            ref var old = ref _table[slot];
            if ((old.State & RowState.Taken) != 0 && old.Touched <= before)
            {
                if (old.Row is not null)
                {
                    evicted(old.Key);
                }

                _table.Remove(slot);
                surplus--;
            }
        }

        if (Count == 0)
        {
            // A burst has made it so large that it alone takes what all rows may: as it is, no row would ever stay.
            _table.Clear();
        }
    }

    public void Clear()
    {
        _table.Clear();
        _changed.Clear();
        _undo.Clear();
        (_samples, _sampledBytes, _untilSample) = (0, 0, 1);
    }

    private int TouchedBefore(int count)
    {
        var ages = new int[Count];
        var found = 0;
        for (var slot = 0; slot < _table.Used; slot++)
        {
            if ((_table[slot].State & RowState.Taken) != 0)
            {
                ages[found++] = _table[slot].Touched;
            }
        }

        Array.Sort(ages);
        return ages[count - 1];
    }

    private void SampleSome(TRow row)
    {
        if (--_untilSample == 0)
        {
            _untilSample = SampleEvery;
            _sampledBytes += mapping.HeapBytes(row);
            _samples++;
        }
    }

    private void Remember(int slot)
    {
        foreach (var (remembered, _, _) in _undo)
        {
            if (remembered == slot)
            {
                return;
            }
        }

        var state = _table[slot].State;
        _undo.Add((slot, _table[slot].Row is { } row ? mapping.Copy(row) : null, state));
    }
}
