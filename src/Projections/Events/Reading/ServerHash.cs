using System.Buffers.Binary;
using System.Numerics;

namespace Projections.Events.Reading;

/// <summary>
/// The hash that PostgreSQL makes of a text (<c>hashtext</c>) and of a UUID (<c>uuid_hash</c>): Bob Jenkins' lookup3, on a machine with the lower byte first. Hash indexes and hash
/// partitions stand on it, so it stays as it is from release to release. See <c>src/common/hashfn.c</c>.
/// </summary>
internal static class ServerHash
{
    private const uint Seed = 0x9E3779B9 + 3_923_095;
    private const int Block = 12;

    public static int Of(ReadOnlySpan<byte> bytes)
    {
        var a = Seed + (uint)bytes.Length;
        var (b, c) = (a, a);
        while (bytes.Length >= Block)
        {
            a += BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            b += BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            c += BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
            Mix(ref a, ref b, ref c);
            bytes = bytes[Block..];
        }

        Span<byte> rest = stackalloc byte[Block];
        rest.Clear();
        // The lowest byte of the last word is the length's.
        bytes[..Math.Min(bytes.Length, 8)].CopyTo(rest);
        bytes[Math.Min(bytes.Length, 8)..].CopyTo(rest[9..]);
        a += BinaryPrimitives.ReadUInt32LittleEndian(rest);
        b += BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
        c += BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]);
        return (int)Last(a, b, c);
    }

    private static void Mix(ref uint a, ref uint b, ref uint c)
    {
        a -= c;
        a ^= BitOperations.RotateLeft(c, 4);
        c += b;
        b -= a;
        b ^= BitOperations.RotateLeft(a, 6);
        a += c;
        c -= b;
        c ^= BitOperations.RotateLeft(b, 8);
        b += a;
        a -= c;
        a ^= BitOperations.RotateLeft(c, 16);
        c += b;
        b -= a;
        b ^= BitOperations.RotateLeft(a, 19);
        a += c;
        c -= b;
        c ^= BitOperations.RotateLeft(b, 4);
        b += a;
    }

    private static uint Last(uint a, uint b, uint c)
    {
        c = (c ^ b) - BitOperations.RotateLeft(b, 14);
        a = (a ^ c) - BitOperations.RotateLeft(c, 11);
        b = (b ^ a) - BitOperations.RotateLeft(a, 25);
        c = (c ^ b) - BitOperations.RotateLeft(b, 16);
        a = (a ^ c) - BitOperations.RotateLeft(c, 4);
        b = (b ^ a) - BitOperations.RotateLeft(a, 14);
        return (c ^ b) - BitOperations.RotateLeft(b, 24);
    }
}
