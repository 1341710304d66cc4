using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Projections.Web.Security;

/// <summary>
/// Who may come in with which key. Only the key's SHA-256 hash is kept: keys are made by <see cref="Make"/> from 256 random bits,
/// so there is nothing to guess that a slow hash would have to protect.
/// </summary>
/// <param name="Name">Who it is; stands in the audit trail.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Hash">The SHA-256 hash of the key's text.</param>
public sealed record ApiKey(string Name, CallerRole Role, byte[] Hash)
{
    /// <summary>What each key begins with.</summary>
    internal const string Prefix = "prj_";

    private const int SecretBytes = 32;
    private const string Algorithm = "sha256";

    /// <summary>How the key stands in the settings: <c>operator:sha256:9f86d0…</c>.</summary>
    public string Setting => $"{Role.ToString().ToLowerInvariant()}:{Algorithm}:{Convert.ToHexStringLower(Hash)}";

    /// <summary>Makes a new key.</summary>
    /// <returns>The key's text, which is not kept anywhere, and what the settings are to hold.</returns>
    public static (string Text, ApiKey Key) Make(string name, CallerRole role)
    {
        var text = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
        return (text, new ApiKey(name, role, HashOf(text)));
    }

    /// <summary>Reads what <see cref="Setting"/> writes.</summary>
    public static bool TryParse(string name, string setting, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        var parts = setting.Trim().Split(':');
        if (parts.Length != 3 || parts[1] != Algorithm || parts[2].Length != SHA256.HashSizeInBytes * 2 || !parts[2].All(char.IsAsciiHexDigit)
            || !Enum.TryParse<CallerRole>(parts[0], ignoreCase: true, out var role) || !Enum.IsDefined(role) || char.IsAsciiDigit(parts[0][0]))
        {
            return false;
        }

        key = new ApiKey(name, role, Convert.FromHexString(parts[2]));
        return true;
    }

    /// <summary>Finds whose key it is, in a time that does not tell how much of it is right.</summary>
    public static ApiKey? Find(IReadOnlyList<ApiKey> keys, string text)
    {
        var hash = HashOf(text);
        ApiKey? found = null;
        foreach (var key in keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, key.Hash))
            {
                found = key;
            }
        }

        return found;
    }

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
