
namespace Projections.Postgres;

/// <summary>
/// The one place where a name from outside becomes part of an SQL text. PostgreSQL takes no parameters for names, so they
/// are quoted here, always, and nowhere else.
/// </summary>
public static class SqlName
{
    /// <summary>Quotes an identifier: <c>a"b</c> becomes <c>"a""b"</c>.</summary>
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

    /// <summary>Quotes a name with its schema: <c>"public"."orders"</c>.</summary>
    public static string Quote(string schema, string identifier) => $"{Quote(schema)}.{Quote(identifier)}";

    /// <summary>A name as people read it in messages: without the schema that everybody has.</summary>
    internal static string Readable(string schema, string name) => schema == "public" ? name : $"{schema}.{name}";

    /// <summary>The name of a role that is granted something; <c>null</c> is everybody, <c>PUBLIC</c>.</summary>
    public static string Role(string? name) => name is null ? "public" : Quote(name);

    /// <summary>Quotes a text as a literal, for the few commands (COPY, DDL) that take no parameters.</summary>
    public static string Literal(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("An SQL literal cannot hold a NUL character.", nameof(value));
        }

        var escaped = value.Replace("'", "''", StringComparison.Ordinal);
        return escaped.Contains('\\', StringComparison.Ordinal)
            ? $" E'{escaped.Replace("\\", "\\\\", StringComparison.Ordinal)}'"
            : $"'{escaped}'";
    }

    /// <summary>Texts as one literal, an array: for the same few commands.</summary>
    internal static string Literal(IEnumerable<string> values) => $"ARRAY[{string.Join(", ", values.Select(Literal))}]::text[]";
}
