using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Projections.Events;

/// <summary>Which event a source has at a place, but for its body: two that are alike are the same event.</summary>
/// <param name="Position">The place.</param>
/// <param name="Hash">The beginning of a hash of the stream, the version in it, the type, the time to the microsecond and the tenant.</param>
internal readonly record struct EventFingerprint(EventPosition Position, long Hash)
{
    public static EventFingerprint Of(in RecordedEvent e)
    {
        var identity = string.Create(
            CultureInfo.InvariantCulture, $"{e.Stream}\n{e.StreamVersion}\n{e.Type}\n{e.Time.Ticks / TimeSpan.TicksPerMicrosecond}\n{e.Tenant}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(identity), hash);
        return new EventFingerprint(e.Position, BinaryPrimitives.ReadInt64LittleEndian(hash));
    }
}
