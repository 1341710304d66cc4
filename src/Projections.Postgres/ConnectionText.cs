using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Projections.Postgres;

/// <summary>
/// A connection as people have it: in Npgsql's keys (<c>Host=…;Database=…</c>), or as the URL that libpq takes and hosting platforms give
/// (<c>postgres://user:password@host:5432/database?sslmode=require</c>). See https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS.
/// </summary>
internal static class ConnectionText
{
    private static readonly string[] UsualKeys =
        ["Host", "Port", "Database", "Username", "Password", "SSL Mode", "Timeout", "Command Timeout", "Application Name", "Search Path", "Pooling", "Options", "Passfile", "Include Error Detail"];

    /// <returns>The same in Npgsql's keys.</returns>
    /// <exception cref="FormatException">It cannot be understood. The message continues a sentence that names the setting, and quotes no value: it may be a secret.</exception>
    public static string ToConnectionString(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsUrl(text) ? OfUrl(text) : OfKeys(text);
    }

    public static bool IsUrl(string text) =>
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    private static string OfKeys(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal) && !text.Contains('=', StringComparison.Ordinal))
        {
            throw new FormatException("is a URL of something other than PostgreSQL; expected is postgres://user:password@host:5432/database");
        }

        var result = new NpgsqlConnectionStringBuilder();
        foreach (var (key, value) in Pairs(text))
        {
            Set(result, key, value);
        }

        return string.IsNullOrWhiteSpace(result.Host) ? throw new FormatException("names no Host") : result.ConnectionString;
    }

    private static List<(string Key, string Value)> Pairs(string text)
    {
        try
        {
            var plain = new DbConnectionStringBuilder { ConnectionString = text };
            return [.. plain.Keys.Cast<string>().Select(key => (key, Convert.ToString(plain[key], CultureInfo.InvariantCulture) ?? ""))];
        }
        catch (ArgumentException)
        {
            throw new FormatException("cannot be understood (a value with ';' or '=' in it must stand in quotes)");
        }
    }

    private static string OfUrl(string text)
    {
        var result = new NpgsqlConnectionStringBuilder();
        var rest = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var (address, query) = Cut(rest, rest.IndexOf('?', StringComparison.Ordinal));
        var (authority, database) = Cut(address, address.IndexOf('/', StringComparison.Ordinal));
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var (user, password) = Cut(authority[..at], authority.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon && colon < at ? colon : -1);
            SetIfThere(result, "Username", user);
            SetIfThere(result, "Password", password);
        }

        SetHosts(result, authority[(at + 1)..]);
        SetIfThere(result, "Database", database);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = Cut(pair, pair.IndexOf('=', StringComparison.Ordinal));
            Set(result, KeyOf(Uri.UnescapeDataString(key)), ValueOf(key, Uri.UnescapeDataString(value)));
        }

        return string.IsNullOrWhiteSpace(result.Host) ? throw new FormatException("names no host") : result.ConnectionString;
    }

    // One host may have its port in a key of its own; several carry theirs with them, which is Npgsql's form as well.
    private static void SetHosts(NpgsqlConnectionStringBuilder result, string hosts)
    {
        var colon = hosts.LastIndexOf(':');
        if (hosts.Contains(',', StringComparison.Ordinal) || colon < 0 || hosts.EndsWith(']'))
        {
            SetIfThere(result, "Host", hosts);
            return;
        }

        SetIfThere(result, "Host", hosts[..colon]);
        Set(result, "Port", hosts[(colon + 1)..]);
    }

    private static (string Before, string After) Cut(string text, int at) => at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);

    private static string KeyOf(string parameter) => parameter switch
    {
        "host" => "Host",
        "port" => "Port",
        "dbname" => "Database",
        "user" => "Username",
        "password" => "Password",
        "sslmode" => "SSL Mode",
        "sslrootcert" => "Root Certificate",
        "sslcert" => "SSL Certificate",
        "sslkey" => "SSL Key",
        "connect_timeout" => "Timeout",
        "application_name" => "Application Name",
        "options" => "Options",
        "channel_binding" => "Channel Binding",
        "target_session_attrs" => "Target Session Attributes",
        _ => parameter,
    };

    private static string ValueOf(string parameter, string value) =>
        parameter is "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;

    private static void SetIfThere(NpgsqlConnectionStringBuilder result, string key, string value)
    {
        if (value.Length > 0)
        {
            Set(result, key, Uri.UnescapeDataString(value));
        }
    }

    private static void Set(NpgsqlConnectionStringBuilder result, string key, string value)
    {
        if (!new NpgsqlConnectionStringBuilder().ContainsKey(key))
        {
            throw UnknownKey(key);
        }

        try
        {
            result[key] = value;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException)
        {
            throw new FormatException($"has a value of '{key}' that cannot be used");
        }
    }

    // What is far from any key may be the rest of a password that was not put in quotes, and is not shown.
    private static FormatException UnknownKey(string key) => new(Spelling.Meant(key, UsualKeys) is { } meant
        ? $"has the key '{key}', which is no such key; '{meant}' is one"
        : "has a key that is none (a value with ';' or '=' in it must stand in quotes)");
}
