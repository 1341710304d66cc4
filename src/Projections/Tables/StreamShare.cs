using Projections.Events;

namespace Projections.Tables;

/// <summary>
/// The streams that are one partition's. Where the key is the stream's name, all events of a row are in one of them, in order.
/// </summary>
/// <param name="index">Which partition it is, from 0.</param>
/// <param name="count">How many there are.</param>
/// <typeparam name="TKey">The key that is made of the stream's name.</typeparam>
internal sealed class StreamShare<TKey>(int index, int count)
    where TKey : notnull
{
    private static readonly bool HasGuid = typeof(TKey) == typeof(Guid) || TenantStreamKey<TKey>.HasGuid;

    public bool Has(in StreamId stream) => count == 1 || PartitionOf(stream) == index;

    // Two spellings of one UUID are one key, and so must be in one partition.
    private int PartitionOf(in StreamId stream) =>
        Scale(HasGuid && !stream.IsGuid && Guid.TryParse(stream.Text, out var guid) ? guid.GetHashCode() : stream.GetHashCode());

    // Mixed otherwise than in RowTable: else a partition would use only some of its buckets.
    private int Scale(int hash)
    {
        var mixed = ((uint)hash ^ ((uint)hash >> 15)) * 0x85EBCA6B;
        return (int)(((mixed ^ (mixed >> 13)) * (ulong)count) >> 32);
    }
}
