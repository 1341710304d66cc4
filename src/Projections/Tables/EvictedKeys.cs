namespace Projections.Tables;

/// <summary>
/// Remembers in few bits which keys went out of memory: says "surely not" or "perhaps", so that a row that was never
/// written is not looked for in the table. A Bloom filter of several parts, each twice as large as the one before it.
/// </summary>
internal sealed class EvictedKeys<TKey>
    where TKey : notnull
{
    private const int BitsPerKey = 16;
    private const int Probes = 6;
    private const int FirstCapacity = 64 * 1024;

    private readonly List<ulong[]> _parts = [];
    private int _room;
    private int _capacity = FirstCapacity / 2;

    public bool IsEmpty => _parts.Count == 0;

    public long Bytes { get; private set; }

    public void Add(TKey key)
    {
        if (_room == 0)
        {
            _capacity *= 2;
            _room = _capacity;
            _parts.Add(new ulong[_capacity * (long)BitsPerKey / 64]);
            Bytes += _capacity * (long)BitsPerKey / 8;
        }

        _room--;
        var hash = Mix(key);
        var part = _parts[^1];
        for (var probe = 0; probe < Probes; probe++)
        {
            var bit = Bit(hash, probe, part);
            part[bit >> 6] |= 1UL << (int)(bit & 63);
        }
    }

    public bool MayContain(TKey key)
    {
        var hash = Mix(key);
        foreach (var part in _parts)
        {
            if (MayContain(part, hash))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayContain(ulong[] part, ulong hash)
    {
        for (var probe = 0; probe < Probes; probe++)
        {
            var bit = Bit(hash, probe, part);
            if ((part[bit >> 6] & (1UL << (int)(bit & 63))) == 0)
            {
                return false;
            }
        }

        return true;
    }

    // Each part's size is a power of two.
    private static ulong Bit(ulong hash, int probe, ulong[] part) =>
        (hash + ((ulong)probe * ((hash >> 32) | 1))) & (((ulong)part.Length * 64) - 1);

    private static ulong Mix(TKey key)
    {
        var hash = (ulong)(uint)key.GetHashCode();
        hash = (hash + 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
