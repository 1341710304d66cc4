using System.Globalization;
using Projections.EventStoreDb.Errors;

namespace Projections.EventStoreDb.Connection;

/// <summary>
/// Reads connection strings as the vendor's clients do: <c>esdb://user:password@host:2113,host2?tls=false</c>, and with
/// <c>esdb+discover://</c>, <c>kurrentdb://</c>, <c>kurrent://</c>, <c>kdb://</c>. Unlike those clients it refuses what it does not know: a
/// setting that is misspelt would otherwise be ignored in silence.
/// </summary>
public static class ConnectionString
{
    private const int DefaultPort = 2113;
    private const string Discover = "+discover";

    private static readonly string[] Schemes = ["esdb", "kurrentdb", "kurrent", "kdb"];

    /// <exception cref="ConnectionStringInvalid">A part is unknown or malformed.</exception>
    public static StoreSettings Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rest = text.Trim();
        var discover = TakeScheme(ref rest);
        var query = TakeAfter(ref rest, '?');
        var credentials = TakeCredentials(ref rest);
        var hosts = ParseHosts(rest.TrimEnd('/'));
        var settings = new StoreSettings { Hosts = hosts, Discover = discover || hosts.Count > 1, Credentials = credentials };
        return query is null ? settings : ConnectionSettings.Apply(settings, query);
    }

    private static bool TakeScheme(ref string rest)
    {
        var end = rest.IndexOf("://", StringComparison.Ordinal);
        var scheme = end < 0 ? "" : rest[..end];
        var discover = scheme.EndsWith(Discover, StringComparison.OrdinalIgnoreCase);
        var plain = discover ? scheme[..^Discover.Length] : scheme;
        if (!Schemes.Contains(plain, StringComparer.OrdinalIgnoreCase))
        {
            // What stands there instead may be a password.
            throw new ConnectionStringInvalid("scheme", "it must begin with esdb://, esdb+discover://, kurrentdb:// or kurrentdb+discover://.");
        }

        rest = rest[(end + 3)..];
        return discover;
    }

    private static string? TakeAfter(ref string rest, char mark)
    {
        var at = rest.IndexOf(mark);
        if (at < 0)
        {
            return null;
        }

        var after = rest[(at + 1)..];
        rest = rest[..at];
        return after;
    }

    private static UserCredentials? TakeCredentials(ref string rest)
    {
        var at = rest.LastIndexOf('@');
        if (at < 0)
        {
            return null;
        }

        var (user, colon) = (rest[..at], rest.IndexOf(':'));
        rest = rest[(at + 1)..];
        if (colon <= 0 || colon >= user.Length - 1)
        {
            throw new ConnectionStringInvalid("credentials", "expected user:password@ before the host; write a ':' or '@' in either as %3A or %40.");
        }

        return new UserCredentials(Uri.UnescapeDataString(user[..colon]), Uri.UnescapeDataString(user[(colon + 1)..]));
    }

    private static List<NodeEndpoint> ParseHosts(string text)
    {
        var hosts = new List<NodeEndpoint>();
        foreach (var part in text.Split(','))
        {
            hosts.Add(ParseHost(part.Trim()));
        }

        return hosts;
    }

    private static NodeEndpoint ParseHost(string text)
    {
        var portMark = text.LastIndexOf(':');
        if (portMark < text.LastIndexOf(']'))
        {
            portMark = -1;
        }

        var host = portMark < 0 ? text : text[..portMark];
        var port = DefaultPort;
        if (portMark >= 0
            && (!int.TryParse(text.AsSpan(portMark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
        {
            throw new ConnectionStringInvalid("host", $"'{text}' has no port between 1 and 65535 behind the colon.");
        }

        host = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        return Uri.CheckHostName(host) != UriHostNameType.Unknown
            ? new NodeEndpoint(host, port)
            : throw new ConnectionStringInvalid("host", text.Length == 0 ? "a host is missing." : $"'{text}' is no host name or address.");
    }
}
