using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Projections.Tables;

/// <summary>
/// Rows in PostgreSQL's binary COPY format, on their way to the server. The format is in
/// https://www.postgresql.org/docs/current/sql-copy.html under "Binary Format"; a value's own form is the one that its
/// type's receive function reads.
/// </summary>
internal sealed class CopyBuffer : IDisposable, IBufferWriter<byte>
{
    /// <summary>Big enough that a send costs little per row.</summary>
    private const int FlushAt = 128 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FlushAt * 2);
    private int _length;

    /// <summary>Whether what was written should be sent before more is added.</summary>
    public bool IsFull => _length >= FlushAt;

    /// <summary>What was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    /// <summary>The signature, no flags, no header extension.</summary>
    public void Header()
    {
        ReadOnlySpan<byte> signature = [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0];
        signature.CopyTo(Take(signature.Length));
        RawInt32(0);
        RawInt32(0);
    }

    public void Trailer() => BinaryPrimitives.WriteInt16BigEndian(Take(2), -1);

    public void Row(int columns) => BinaryPrimitives.WriteInt16BigEndian(Take(2), checked((short)columns));

    public void Null() => RawInt32(-1);

    public void Bool(bool value)
    {
        var bytes = Value(1);
        bytes[0] = value ? (byte)1 : (byte)0;
    }

    public void Int16(short value) => BinaryPrimitives.WriteInt16BigEndian(Value(2), value);

    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Value(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Value(8), value);

    public void Single(float value) => BinaryPrimitives.WriteSingleBigEndian(Value(4), value);

    public void Double(double value) => BinaryPrimitives.WriteDoubleBigEndian(Value(8), value);

    public void Guid(Guid value) => value.TryWriteBytes(Value(16), bigEndian: true, out _);

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Value(value.Length));

    /// <summary>A text, after <paramref name="prefix"/> bytes that the caller fills in (jsonb's version).</summary>
    public void Text(string value, ReadOnlySpan<byte> prefix = default)
    {
        var most = prefix.Length + Encoding.UTF8.GetMaxByteCount(value.Length);
        Reserve(4 + most);
        prefix.CopyTo(_bytes.AsSpan(_length + 4));
        var length = prefix.Length + Encoding.UTF8.GetBytes(value, _bytes.AsSpan(_length + 4 + prefix.Length));
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_length), length);
        _length += 4 + length;
    }

    /// <summary>Begins a value whose length is not known yet; <see cref="EndValue"/> takes what this returns.</summary>
    public int BeginValue()
    {
        var start = _length;
        Take(4);
        return start;
    }

    public void EndValue(int start) => BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(start), _length - start - 4);

    /// <summary>Bytes inside a value, without a length of their own.</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>Four bytes inside a value, without a length of their own.</summary>
    public void RawInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    /// <summary>Two bytes inside a value, without a length of their own.</summary>
    public void RawInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(2), value);

    /// <summary>Eight bytes inside a value, without a length of their own.</summary>
    public void RawInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    void IBufferWriter<byte>.Advance(int count) => _length += count;

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        Reserve(Math.Max(1, sizeHint));
        return _bytes.AsMemory(_length);
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => ((IBufferWriter<byte>)this).GetMemory(sizeHint).Span;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
    }

    private Span<byte> Value(int length)
    {
        var bytes = Take(4 + length);
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes[4..];
    }

    private Span<byte> Take(int count)
    {
        Reserve(count);
        var bytes = _bytes.AsSpan(_length, count);
        _length += count;
        return bytes;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + count));
            Written.Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
    }
}
