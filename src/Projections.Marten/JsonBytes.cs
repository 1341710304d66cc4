using System.Runtime.InteropServices;

namespace Projections.Marten;

/// <summary>JSON in memory as a stream, without a copy where the memory is an array.</summary>
internal static class JsonBytes
{
    public static MemoryStream Open(ReadOnlyMemory<byte> json) => MemoryMarshal.TryGetArray(json, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(json.ToArray(), writable: false);
}
