using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Projections.EventStoreDb.Errors;

namespace Projections.EventStoreDb.Connection;

/// <summary>The settings behind the question mark of a connection string. Names are found in any case.</summary>
internal static class ConnectionSettings
{
    private const string UserCertFile = "userCertFile";
    private const string UserKeyFile = "userKeyFile";

    // Above this a number of seconds was meant as milliseconds.
    private static readonly TimeSpan LongestGossip = TimeSpan.FromMinutes(5);

    private static readonly Dictionary<string, Func<StoreSettings, string, string, StoreSettings>> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tls"] = (settings, name, value) => settings with { Tls = Bool(name, value) },
        ["tlsVerifyCert"] = (settings, name, value) => settings with { TlsVerifyCertificate = Bool(name, value) },
        ["tlsCAFile"] = (settings, name, value) => settings with { CertificateAuthorities = Authorities(name, value) },
        ["nodePreference"] = (settings, name, value) => settings with { NodePreference = Preference(name, value) },
        ["keepAliveInterval"] = (settings, name, value) => settings with { KeepAliveInterval = KeepAlive(name, value) },
        ["keepAliveTimeout"] = (settings, name, value) => settings with { KeepAliveTimeout = KeepAlive(name, value) },
        ["defaultDeadline"] = (settings, name, value) => settings with { DefaultDeadline = Milliseconds(name, value) },
        ["maxDiscoverAttempts"] = (settings, name, value) => settings with { MaxDiscoverAttempts = Number(name, value, 1) },
        ["discoveryInterval"] = (settings, name, value) => settings with { DiscoveryInterval = Milliseconds(name, value) },
        ["gossipTimeout"] = (settings, name, value) => settings with { GossipTimeout = Gossip(name, value) },
        ["connectionName"] = (settings, _, value) => settings with { ConnectionName = value },
        // It says whether a client throws when an append fails; this one always does.
        ["throwOnAppendFailure"] = (settings, name, value) => Bool(name, value) ? settings : settings,
        [UserCertFile] = (settings, _, _) => settings,
        [UserKeyFile] = (settings, _, _) => settings,
    };

    /// <exception cref="ConnectionStringInvalid">A setting is unknown, stands there twice, or has a value that it cannot have.</exception>
    public static StoreSettings Apply(StoreSettings settings, string query)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in query.Split('&'))
        {
            var mark = pair.IndexOf('=');
            var name = mark < 0 ? pair : pair[..mark];
            if (!Known.TryGetValue(name, out var apply))
            {
                throw new ConnectionStringInvalid(name, $"there is no such setting. There are: {string.Join(", ", Known.Keys)}.");
            }

            var value = mark < 0 ? "" : Uri.UnescapeDataString(pair[(mark + 1)..]);
            if (value.Length == 0 || !values.TryAdd(name, value))
            {
                throw new ConnectionStringInvalid(name, value.Length == 0 ? "expected name=value." : "it stands there twice.");
            }

            settings = apply(settings, name, value);
        }

        return settings with { UserCertificate = UserCertificate(values) };
    }

    private static bool Bool(string name, string value) =>
        bool.TryParse(value, out var result) ? result : throw new ConnectionStringInvalid(name, $"'{value}' is neither true nor false.");

    private static int Number(string name, string value, int least) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new ConnectionStringInvalid(name, $"'{value}' is not a whole number of at least {least}.");

    private static TimeSpan Milliseconds(string name, string value) => TimeSpan.FromMilliseconds(Number(name, value, 1));

    private static TimeSpan? KeepAlive(string name, string value) =>
        // -1 switches it off; the HTTP client takes nothing below a second.
        Number(name, value, -1) is var number and >= 0 ? TimeSpan.FromMilliseconds(Math.Max(1000, number)) : null;

    private static TimeSpan Gossip(string name, string value)
    {
        var timeout = TimeSpan.FromSeconds(Number(name, value, 1));
        return timeout <= LongestGossip ? timeout : throw new ConnectionStringInvalid(name, $"it is in seconds, and {value} of them are too many.");
    }

    private static NodePreference Preference(string name, string value) =>
        Enum.TryParse<NodePreference>(value, ignoreCase: true, out var preference) && Enum.IsDefined(preference) && !char.IsAsciiDigit(value[0])
            ? preference
            : throw new ConnectionStringInvalid(name, $"'{value}' is none of leader, follower, readOnlyReplica, random.");

    private static X509Certificate2Collection Authorities(string name, string file)
    {
        var authorities = new X509Certificate2Collection();
        Read(name, file, () => authorities.ImportFromPemFile(file));
        return authorities.Count > 0 ? authorities : throw new ConnectionStringInvalid(name, $"the file '{file}' has no certificate in PEM form.");
    }

    private static X509Certificate2? UserCertificate(Dictionary<string, string> values)
    {
        var hasCertificate = values.TryGetValue(UserCertFile, out var certificate);
        var hasKey = values.TryGetValue(UserKeyFile, out var key);
        if (hasCertificate != hasKey)
        {
            throw new ConnectionStringInvalid(hasCertificate ? UserKeyFile : UserCertFile, $"{UserCertFile} and {UserKeyFile} go together.");
        }

        X509Certificate2? own = null;
        if (hasCertificate)
        {
            Read(UserCertFile, certificate!, () => own = X509Certificate2.CreateFromPemFile(certificate!, key));
        }

        return own;
    }

    private static void Read(string name, string file, Action read)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ConnectionStringInvalid(name, $"the file '{file}' cannot be read: {exception.Message}");
        }
    }
}
