using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Projections.Events;

namespace Projections.Reactions;

/// <summary>
/// The id of a message: made of what it follows from, so that whoever gets it twice knows it. A UUID of version 8, the first sixteen bytes of the SHA-256 of its
/// name (RFC 9562, section 5.8).
/// </summary>
internal static class MessageId
{
    public static Guid Of(Guid reaction, EventPosition position, int row, int nth) =>
        Of(string.Create(CultureInfo.InvariantCulture, $"{reaction}/{position.Major}/{position.Minor}/{row}/{nth}"));

    public static Guid Of(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
