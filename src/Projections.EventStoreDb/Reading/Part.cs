namespace Projections.EventStoreDb.Reading;

/// <summary>A part of a buffer.</summary>
internal readonly record struct Part(int Start, int Length)
{
    public ReadOnlySpan<byte> In(byte[] buffer) => buffer.AsSpan(Start, Length);

    public ReadOnlyMemory<byte> Slice(byte[] buffer) => new(buffer, Start, Length);
}
