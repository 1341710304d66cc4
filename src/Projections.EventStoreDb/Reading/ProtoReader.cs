using System.Runtime.CompilerServices;
using Projections.EventStoreDb.Grpc;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// Walks over the fields of a protobuf message where it lies in a buffer, without making objects. See
/// https://protobuf.dev/programming-guides/encoding/.
/// </summary>
internal ref struct ProtoReader(byte[] buffer, Part message)
{
    private readonly ReadOnlySpan<byte> _bytes = buffer.AsSpan(0, message.Start + message.Length);
    private int _at = message.Start;

    /// <summary>Reads a field's number and kind; 0 at the end of the message.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadTag() => _at == _bytes.Length ? 0 : (uint)ReadVarint();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadVarint()
    {
        if (_at < _bytes.Length && _bytes[_at] < 0x80)
        {
            return _bytes[_at++];
        }

        return ReadLongVarint();
    }

    /// <summary>The number that a signed 64 bit field holds.</summary>
    public long ReadNumber() => unchecked((long)ReadVarint());

    /// <summary>Where a string, bytes or a message inside lies in the buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Part ReadPart()
    {
        var length = ReadVarint();
        if (length > (ulong)(_bytes.Length - _at))
        {
            throw Malformed();
        }

        var part = new Part(_at, (int)length);
        _at += (int)length;
        return part;
    }

    /// <summary>Passes over a field that is not wanted.</summary>
    public void Skip(uint tag)
    {
        switch (tag & 7)
        {
            case 0:
                ReadVarint();
                break;
            case 1:
                SkipBytes(8);
                break;
            case 2:
                ReadPart();
                break;
            case 5:
                SkipBytes(4);
                break;
            default:
                throw Malformed();
        }
    }

    private ulong ReadLongVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64 && _at < _bytes.Length; shift += 7)
        {
            var next = _bytes[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Malformed();
    }

    private void SkipBytes(int count)
    {
        if (_bytes.Length - _at < count)
        {
            throw Malformed();
        }

        _at += count;
    }

    private static GrpcFailed Malformed() => new(GrpcStatusCode.Internal, "a message is malformed: a field reaches beyond its end");
}
