using System.Buffers.Binary;
using Google.Protobuf;

namespace Projections.EventStoreDb.Grpc;

/// <summary>A message on the wire: a byte that says whether it is compressed, its length in four bytes, big-endian, and the message.</summary>
internal static class GrpcFrame
{
    public const int HeaderBytes = 5;

    /// <summary>What a server allows for an event (its MaxAppendEventSize) is below this; more is no frame.</summary>
    public const int LargestMessage = 128 * 1024 * 1024;

    /// <summary>Finds the message that begins with its header at the start of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What has arrived.</param>
    /// <param name="length">The message's length once the header is there, else -1.</param>
    /// <returns>Whether the message is whole.</returns>
    /// <exception cref="GrpcFailed">It is compressed, which was not asked for, or larger than can be true.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out int length)
    {
        if (bytes.Length < HeaderBytes)
        {
            length = -1;
            return false;
        }

        var announced = BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]);
        if (bytes[0] != 0 || announced > LargestMessage)
        {
            throw new GrpcFailed(
                GrpcStatusCode.Internal,
                bytes[0] == 0 ? $"a message of {announced} bytes was announced" : "a message came compressed or garbled");
        }

        length = (int)announced;
        return bytes.Length - HeaderBytes >= length;
    }

    /// <summary>Writes messages behind each other, each in its frame.</summary>
    public static byte[] Write(params IReadOnlyList<IMessage> messages)
    {
        var total = 0;
        foreach (var message in messages)
        {
            total += HeaderBytes + message.CalculateSize();
        }

        var bytes = new byte[total];
        var at = 0;
        foreach (var message in messages)
        {
            var size = message.CalculateSize();
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at + 1), size);
            message.WriteTo(bytes.AsSpan(at + HeaderBytes, size));
            at += HeaderBytes + size;
        }

        return bytes;
    }
}
