namespace Projections.Migrations;

/// <summary>
/// The one place of this library where a name from outside becomes part of an SQL text. The core has its own; this library
/// stands without the core.
/// </summary>
internal static class SqlName
{
    /// <exception cref="ArgumentException">The identifier is empty or holds a NUL character, which PostgreSQL cannot store.</exception>
    public static string Quote(string identifier)
    {
        ArgumentException.ThrowIfNullOrEmpty(identifier);
        if (identifier.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("An SQL identifier cannot hold a NUL character.", nameof(identifier));
        }

        return $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    public static string Quote(string schema, string identifier) => $"{Quote(schema)}.{Quote(identifier)}";

    /// <summary>A name as people read it in messages: quoted only where PostgreSQL would need it.</summary>
    public static string Readable(string schema, string name) => schema == "public" ? name : $"{schema}.{name}";
}
