namespace Projections.Tables;

/// <summary>The keys that a batch asks for, that are not in memory, and that may be in the table.</summary>
internal sealed class MissingKeys<TKey, TRow>(RowMapping<TKey, TRow> mapping, RowSet<TKey, TRow> rows)
    where TKey : notnull
    where TRow : class, new()
{
    private readonly HashSet<TKey> _seen = [];

    /// <summary>Where every row of the table that is not in memory is one of these; <c>null</c> when nothing is known.</summary>
    public EvictedKeys<TKey>? Evicted { get; set; }

    /// <summary>Whether keys come from an event with a NUL character, which the database must not be asked for.</summary>
    public bool Suspicious { get; set; }

    public List<TKey> Keys { get; } = [];

    public void Add(TKey key)
    {
        if (key is null || rows.Knows(key) || Evicted?.MayContain(key) == false)
        {
            return;
        }

        if (Suspicious)
        {
            mapping.Inspect(mapping.NewRow(key));
        }

        if (_seen.Add(key))
        {
            Keys.Add(key);
        }
    }

    public void Clear()
    {
        _seen.Clear();
        Keys.Clear();
    }
}
