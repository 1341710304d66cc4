using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Projections.Tables;

/// <summary>
/// Rows in memory by key. What belongs to a row stands in parallel arrays at its slot; a slot without a row is
/// a key that is known to have none (deleted, or looked for in vain).
/// </summary>
internal sealed class RowSet<TKey, TRow>(RowMapping<TKey, TRow> mapping)
    where TKey : notnull
    where TRow : class, new()
{
    private const int SampleEvery = 32;

    private readonly Dictionary<TKey, int> _slots = [];
    private readonly Stack<int> _free = new();
    private readonly List<int> _changed = [];
    private readonly List<(int Slot, TRow? Row, RowState State)> _undo = [];
    private TRow?[] _rows = [];
    private TKey[] _keys = [];
    private RowState[] _states = [];
    private int[] _touched = [];
    private int _used;
    private int _clock;
    private int _untilSample = 1;
    private bool _isNew;
    private long _sampledBytes;
    private long _samples;

    /// <summary>Whether changes since <see cref="BeginEvent"/> can be taken back; costs a copy of each row that is changed.</summary>
    public bool KeepsUndo { get; init; }

    /// <summary>Whether the event that is being folded holds a NUL character, so that its rows must be looked at more closely.</summary>
    public bool Suspicious { get; set; }

    public int Count => _slots.Count;

    /// <summary>The slots of rows that changed since the last commit.</summary>
    public ReadOnlySpan<int> Changed => CollectionsMarshal.AsSpan(_changed);

    public bool HasChanges => _changed.Count > 0;

    /// <summary>
    /// About the bytes taken: the arrays and the index at their full size, the rows' objects, and what hangs on them as far as
    /// it was looked at (one changed row in some).
    /// </summary>
    public long Bytes => ((long)_keys.Length * SlotBytes)
        + ((long)_slots.Capacity * IndexBytes)
        + ((long)Count * (mapping.RowBytes + HeapBytesPerRow));

    private static int SlotBytes => Unsafe.SizeOf<TKey>() + IntPtr.Size + sizeof(RowState) + sizeof(int);

    // An entry (hash, next, key, value) and its bucket.
    private static int IndexBytes => 16 + Unsafe.SizeOf<TKey>();

    private long HeapBytesPerRow => _samples == 0 ? 0 : _sampledBytes / _samples;

    /// <summary>Events folded from now on count as later than those before, for the choice of what to evict.</summary>
    public void Tick() => _clock++;

    public bool Knows(TKey key) => _slots.ContainsKey(key);

    /// <summary>The slot of a key, or -1.</summary>
    public int Find(TKey key)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrNullRef(_slots, key);
        return Unsafe.IsNullRef(ref slot) ? -1 : slot;
    }

    public TRow? RowAt(int slot) => _rows[slot];

    public TKey KeyAt(int slot) => _keys[slot];

    public RowState StateAt(int slot) => _states[slot];

    /// <summary>Gives a key that has none a slot.</summary>
    public int Add(TKey key)
    {
        var slot = NewSlot(key);
        _slots.Add(key, slot);
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

        _rows[slot] = row;
        _states[slot] = row is null ? RowState.Taken : RowState.Taken | RowState.InTable;
        _touched[slot] = _clock;
        if (row is not null)
        {
            Sample(row);
        }
    }

    public void BeginEvent()
    {
        _undo.Clear();
        _isNew = false;
    }

    /// <summary>Takes everything back since <see cref="BeginEvent"/>.</summary>
    public void UndoEvent()
    {
        for (var i = _undo.Count - 1; i >= 0; i--)
        {
            var (slot, row, state) = _undo[i];
            _rows[slot] = row;

            // It stays listed as changed: writing it as it was does no harm, listing it twice would.
            _states[slot] = state | (_states[slot] & RowState.Changed);
        }

        _undo.Clear();
    }

    /// <summary>The row at a slot is about to be changed in place.</summary>
    public void Touch(int slot)
    {
        if (KeepsUndo)
        {
            Remember(slot);
        }

        _touched[slot] = _clock;
        if ((_states[slot] & RowState.Changed) == 0)
        {
            _states[slot] |= RowState.Changed;
            _changed.Add(slot);
        }
    }

    /// <summary>Puts a row, or none, into a slot after <see cref="Touch"/>.</summary>
    public void Put(int slot, TRow? row) => _rows[slot] = row;

    /// <summary>Puts a new row of the slot's key into it after <see cref="Touch"/>.</summary>
    public TRow PutNew(int slot)
    {
        var row = mapping.NewRow(_keys[slot]);
        _rows[slot] = row;
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
            if (!mapping.Carries(row, _keys[slot]))
            {
                throw new UnstorableValue($"the key {_keys[slot]} would come back from the table as {mapping.KeyOf(row)}");
            }
        }

        if (Suspicious)
        {
            mapping.Inspect(row);
        }

        if (--_untilSample == 0)
        {
            _untilSample = SampleEvery;
            Sample(row);
        }
    }

    /// <summary>What was listed as changed is in the table now.</summary>
    public void Committed()
    {
        foreach (var slot in Changed)
        {
            if (_rows[slot] is null)
            {
                Free(slot);
            }
            else
            {
                _states[slot] = RowState.Taken | RowState.InTable;
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
        for (var slot = 0; slot < _used && surplus > 0; slot++)
        {
            if ((_states[slot] & RowState.Taken) != 0 && _touched[slot] <= before)
            {
                if (_rows[slot] is not null)
                {
                    evicted(_keys[slot]);
                }

                Free(slot);
                surplus--;
            }
        }
    }

    public void Clear()
    {
        _slots.Clear();
        _slots.TrimExcess();
        _free.Clear();
        _changed.Clear();
        _undo.Clear();
        (_rows, _keys, _states, _touched) = ([], [], [], []);
        (_used, _samples, _sampledBytes, _untilSample) = (0, 0, 0, 1);
    }

    private int TouchedBefore(int count)
    {
        var ages = new int[Count];
        var found = 0;
        for (var slot = 0; slot < _used; slot++)
        {
            if ((_states[slot] & RowState.Taken) != 0)
            {
                ages[found++] = _touched[slot];
            }
        }

        Array.Sort(ages);
        return ages[count - 1];
    }

    private void Sample(TRow row)
    {
        _sampledBytes += mapping.HeapBytes(row);
        _samples++;
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

        _undo.Add((slot, _rows[slot] is { } row ? mapping.Copy(row) : null, _states[slot]));
    }

    private int NewSlot(TKey key)
    {
        if (!_free.TryPop(out var slot))
        {
            slot = _used++;
            if (slot == _keys.Length)
            {
                Grow();
            }
        }

        _keys[slot] = key;
        _states[slot] = RowState.Taken;
        _touched[slot] = _clock;
        return slot;
    }

    private void Grow()
    {
        var size = Math.Max(1024, _keys.Length + (_keys.Length / 2));
        Array.Resize(ref _rows, size);
        Array.Resize(ref _keys, size);
        Array.Resize(ref _states, size);
        Array.Resize(ref _touched, size);
    }

    private void Free(int slot)
    {
        _slots.Remove(_keys[slot]);
        _rows[slot] = null;
        _keys[slot] = default!;
        _states[slot] = RowState.None;
        _free.Push(slot);
    }
}
