using System.Security.Cryptography;
using System.Text;

namespace Projections.Migrations.Files;

/// <summary>Two digests of a file, so that "only the line ends differ" can be told from a real change.</summary>
/// <param name="Raw">SHA-256 over the bytes of the file, hexadecimal.</param>
/// <param name="Normalised">SHA-256 over its text without a byte order mark and with LF line ends, hexadecimal.</param>
public sealed record Checksums(string Raw, string Normalised)
{
    public static Checksums Of(ReadOnlySpan<byte> content, string text)
    {
        var normalised = text
            .TrimStart('\uFEFF')
            .Replace("\r\n", "\n", StringComparison.Ordinal)
            .Replace('\r', '\n');
        return new Checksums(Hex(content), Hex(Encoding.UTF8.GetBytes(normalised)));
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
