using System.Buffers.Binary;

namespace Projections.Events.Reading;

/// <summary>A quick hash of short names; it looks at the length and both ends, where names differ.</summary>
public static class Utf8Hash
{
    public static int Of(ReadOnlySpan<byte> utf8)
    {
        ulong hash = (uint)utf8.Length;
        if (utf8.Length >= 8)
        {
            hash = (hash * 0x9E3779B97F4A7C15) ^ BinaryPrimitives.ReadUInt64LittleEndian(utf8);
            hash = (hash * 0x9E3779B97F4A7C15) ^ BinaryPrimitives.ReadUInt64LittleEndian(utf8[^8..]);
            hash = (hash * 0x9E3779B97F4A7C15) ^ BinaryPrimitives.ReadUInt64LittleEndian(utf8[((utf8.Length - 8) / 2)..]);
        }
        else
        {
            foreach (var value in utf8)
            {
                hash = (hash ^ value) * 0x100000001B3;
            }
        }

        return (int)((hash * 0x9E3779B97F4A7C15) >> 33);
    }
}
