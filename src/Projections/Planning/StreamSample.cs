using Projections.Events;

namespace Projections.Planning;

/// <summary>Picks a part of all streams, each whole or not at all, so that the rows of those picked are complete.</summary>
internal sealed class StreamSample(double share)
{
    private readonly uint _below = (uint)Math.Min(uint.MaxValue, share * uint.MaxValue);

    public bool Takes(StreamId stream)
    {
        // The process's own hash differs from run to run, and so does the sample; within a run it is the same.
        var hash = (uint)stream.GetHashCode();
        return share >= 1 || Spread(hash) < _below;
    }

    // UUIDs that count up hash to numbers that count up.
    private static uint Spread(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x7FEB352D;
        hash = (hash ^ (hash >> 15)) * 0x846CA68B;
        return hash ^ (hash >> 16);
    }
}
