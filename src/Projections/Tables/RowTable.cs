using System.Numerics;
using System.Runtime.CompilerServices;

namespace Projections.Tables;

/// <summary>
/// A hash table from keys to slots in which everything that belongs to a key stands side by side. To reach a row and change it
/// touches three places in memory (bucket, slot, row); what a replay takes is mostly the waiting for those.
/// </summary>
internal sealed class RowTable<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private const int Smallest = 64;

    // Beyond this it grows by half instead of doubling: then the memory counts more than the copying.
    private const int Large = 64 * 1024;

    private Slot[] _slots = [];

    // One more than the first slot of each chain, so that 0 is an empty one. A power of two.
    private int[] _buckets = [];
    private int _shift;
    private int _free = -1;

    public int Count { get; private set; }

    /// <summary>How many slots have ever been in use; all that are lie below.</summary>
    public int Used { get; private set; }

    /// <summary>The bytes of the table itself, at its full size.</summary>
    public long Bytes => ((long)_slots.Length * Unsafe.SizeOf<Slot>()) + ((long)_buckets.Length * sizeof(int));

    public ref Slot this[int slot] => ref _slots[slot];

    /// <summary>The slot of a key, or -1.</summary>
    public int Find(TKey key)
    {
        if (_buckets.Length == 0)
        {
            return -1;
        }

        var hash = key.GetHashCode();
        var slots = _slots;
        for (var slot = _buckets[Bucket(hash)] - 1; slot >= 0; slot = slots[slot].Next)
        {
            if (slots[slot].Hash == hash && EqualityComparer<TKey>.Default.Equals(slots[slot].Key, key))
            {
                return slot;
            }
        }

        return -1;
    }

    /// <summary>Gives a key that has none a slot.</summary>
    public int Add(TKey key)
    {
        var slot = Take();
        ref var added = ref _slots[slot];
        added.Key = key;
        added.Hash = key.GetHashCode();
        Link(ref added, slot);
        Count++;
        return slot;
    }

    /// <summary>Takes a slot from its key.</summary>
    public void Remove(int slot)
    {
        ref var removed = ref _slots[slot];
        ref var link = ref _buckets[Bucket(removed.Hash)];
        if (link - 1 == slot)
        {
            link = removed.Next + 1;
        }
        else
        {
            var before = link - 1;
            while (_slots[before].Next != slot)
            {
                before = _slots[before].Next;
            }

            _slots[before].Next = removed.Next;
        }

        removed = new Slot { Next = _free };
        _free = slot;
        Count--;
    }

    public void Clear()
    {
        (_slots, _buckets, _free) = ([], [], -1);
        (Count, Used) = (0, 0);
    }

    // Keys such as 1, 2, 3 have such hash codes too; the multiplication spreads them.
    private int Bucket(int hash) => (int)(((uint)hash * 0x9E3779B97F4A7C15) >> _shift);

    private int Take()
    {
        if (_free >= 0)
        {
            var slot = _free;
            _free = _slots[slot].Next;
            return slot;
        }

        if (Used == _slots.Length)
        {
            Grow();
        }

        return Used++;
    }

    private void Grow()
    {
        Array.Resize(ref _slots, Math.Max(Smallest, _slots.Length < Large ? _slots.Length * 2 : _slots.Length + (_slots.Length / 2)));
        var buckets = (int)BitOperations.RoundUpToPowerOf2((uint)_slots.Length);
        if (buckets == _buckets.Length)
        {
            return;
        }

        _buckets = new int[buckets];
        _shift = 64 - BitOperations.Log2((uint)buckets);

        // Only when no slot is free does a table grow, so all that were ever in use are in use.
        for (var slot = 0; slot < Used; slot++)
        {
            Link(ref _slots[slot], slot);
        }
    }

    private void Link(ref Slot linked, int slot)
    {
        ref var bucket = ref _buckets[Bucket(linked.Hash)];
        linked.Next = bucket - 1;
        bucket = slot + 1;
    }

    /// <summary>What is known of a key.</summary>
    internal struct Slot
    {
        public TKey Key;

        /// <summary>The row; <c>null</c> when the key is known to have none.</summary>
        public TRow? Row;

        /// <summary>When the row was last looked for or changed, by the clock of whoever keeps the table.</summary>
        public int Touched;

        public RowState State;

        internal int Hash;

        /// <summary>The next slot of the chain, or of the free ones; -1 at the end.</summary>
        internal int Next;
    }
}
