namespace Projections.Tables;

/// <summary>What has changed in a <see cref="RowSet{TKey,TRow}"/>, sorted by what has to be done about it in the table.</summary>
internal sealed class PendingRows<TKey, TRow>(RowMapping<TKey, TRow> mapping, RowSet<TKey, TRow> rows)
    where TKey : notnull
    where TRow : class, new()
{
    /// <summary>Keys of rows that the table has and should not have.</summary>
    public List<TKey> Deleted { get; } = [];

    /// <summary>Slots of rows that the table has, as they were.</summary>
    public List<int> Updated { get; } = [];

    /// <summary>Slots of rows that the table does not have.</summary>
    public List<int> Inserted { get; } = [];

    public IEnumerable<TRow> UpdatedRows => Updated.Select(Writable);

    public IEnumerable<TRow> InsertedRows => Inserted.Select(Writable);

    public void Sort()
    {
        Deleted.Clear();
        Updated.Clear();
        Inserted.Clear();
        foreach (var slot in rows.Changed)
        {
            var inTable = (rows.StateAt(slot) & RowState.InTable) != 0;
            if (rows.RowAt(slot) is null)
            {
                if (inTable)
                {
                    Deleted.Add(rows.KeyAt(slot));
                }
            }
            else
            {
                (inTable ? Updated : Inserted).Add(slot);
            }
        }
    }

    /// <summary>The row of a slot, proved to be what its key says: a handler must not change the key.</summary>
    private TRow Writable(int slot)
    {
        var row = rows.RowAt(slot)!;
        return mapping.Carries(row, rows.KeyAt(slot))
            ? row
            : throw new InvalidOperationException($"A handler changed the key of the row {rows.KeyAt(slot)} to {mapping.KeyOf(row)}. The key belongs to the framework: delete the row and create another.");
    }
}
