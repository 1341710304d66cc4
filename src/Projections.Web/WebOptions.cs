using System.ComponentModel.DataAnnotations;
using Projections.Web.Security;

namespace Projections.Web;

/// <summary>How the worker is reached over HTTP.</summary>
public sealed class WebOptions
{
    /// <summary>
    /// Where to listen: <c>127.0.0.1:5080</c>, a port alone (on this machine only), <c>*:8080</c> for all addresses, or
    /// <c>off</c>. The default is <c>127.0.0.1:5080</c>, and no page where that is taken, perhaps by another worker. Any address that
    /// others can reach needs <see cref="ApiKeys"/> or <see cref="Tokens"/>.
    /// </summary>
    public string? Listen { get; set; }

    /// <summary>
    /// Where <c>/health</c> listens besides, and nothing else: an address as in <see cref="Listen"/>, for whoever starts and stops containers. It
    /// has connections of its own, so that nobody who comes to the page or the API can shut the probes out. Plain HTTP. The default is <c>off</c>:
    /// health is asked for at <see cref="Listen"/>.
    /// </summary>
    public string HealthListen { get; set; } = "off";

    /// <summary>A certificate for HTTPS with its chain, as a PEM file. The default is none: plain HTTP.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The private key of <see cref="CertificateFile"/>, as a PEM file. The default is the certificate's file itself.</summary>
    public string? CertificateKeyFile { get; set; }

    /// <summary>Requests a minute at most, for each caller, or each address that has not said who it is. The default is 600.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 600;

    /// <summary>Commands a minute at most, for each caller. The default is 60.</summary>
    [Range(1, 1_000_000)]
    public int CommandsPerMinute { get; set; } = 60;

    /// <summary>The longest body that a request may have, in bytes. The default is 16384.</summary>
    [Range(256, 1_048_576)]
    public int MaxRequestBytes { get; set; } = 16_384;

    /// <summary>How many connections may be open at once, the pages that are being looked at among them. The default is 500.</summary>
    [Range(1, 100_000)]
    public int MaxConnections { get; set; } = 500;

    /// <summary>How many of them one machine may have open at once. The default is 100; where a proxy stands before the worker, that is all who come
    /// by it.</summary>
    [Range(1, 100_000)]
    public int MaxConnectionsOfOneMachine { get; set; } = 100;

    /// <summary>How long a connection may stay open on which nothing is asked. The default is 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Who may come in with a key. Without any, and without <see cref="ApiKeysFile"/> and <see cref="Tokens"/>, everybody on this machine may do
    /// everything, and nobody else can connect.</summary>
    public IReadOnlyList<ApiKey> ApiKeys { get; set; } = [];

    /// <summary>A file with more of them, a line each: <c>NAME=role:sha256:…</c>. It is read again when it changes, without a restart. The default is none.</summary>
    public string? ApiKeysFile { get; set; }

    /// <summary>Who may come in with a token of an identity provider.</summary>
    public TokenOptions Tokens { get; set; } = new();

    /// <summary>What those may do who have a role of a token beside <c>reader</c> and <c>operator</c>.</summary>
    public IReadOnlyList<RoleRights> Roles { get; set; } = [];

    /// <summary>Whether nobody has to say who they are.</summary>
    internal bool IsOpen => ApiKeys.Count == 0 && ApiKeysFile is null && !Tokens.AreRead;

    /// <summary>Finds what is wrong with the options as a whole.</summary>
    public IEnumerable<string> FindErrors()
    {
        if (!ListenAddress.TryParse(Listen ?? ListenAddress.Default, out var address))
        {
            yield return $"'Http:Listen' is '{Listen}', but expected is an address with a port such as 127.0.0.1:5080, a port alone, *:8080 for all addresses, or off.";
        }
        else if (address is { IsLocal: false } && IsOpen)
        {
            yield return $"'Http:Listen' is '{Listen}', which other machines can reach, and nobody would have to say who they are. Make a key with 'projections api-key NAME' and set Http:ApiKeys, set Http:Tokens:Issuer, or listen on 127.0.0.1.";
        }

        if (File.Exists(ApiKeysFile) && KeyRing.Read(File.ReadAllText(ApiKeysFile)).Wrong is { Count: > 0 } wrong)
        {
            yield return $"'Http:ApiKeysFile' names '{ApiKeysFile}', which is not as it should be in line {string.Join(", ", wrong)}: a line is NAME=ROLE:sha256:HASH, as 'projections api-key' says it.";
        }

        foreach (var error in Tokens.FindErrors())
        {
            yield return error;
        }

        if (!ListenAddress.TryParse(HealthListen, out _))
        {
            yield return $"'Http:HealthListen' is '{HealthListen}', but expected is an address with a port such as *:8081, a port alone, or off.";
        }

        if (CertificateKeyFile is not null && CertificateFile is null)
        {
            yield return "'Http:CertificateKeyFile' is set, but 'Http:CertificateFile' is not.";
        }
    }
}
