using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Projections.Web.Security;

/// <summary>Which tokens of an identity provider (OpenID Connect) are believed, and what in them says who somebody is.</summary>
public sealed class TokenOptions
{
    /// <summary>The provider, by the address that it gives itself in its tokens: <c>https://login.example.com/realms/shop</c>. What it signs with is
    /// found from there, and found again when it changes. The default is none: tokens are not read.</summary>
    public string? Issuer { get; set; }

    /// <summary>For whom a token must be meant (<c>aud</c>). Needed with <see cref="Issuer"/>; there is no default.</summary>
    public string? Audience { get; set; }

    /// <summary>How far the provider's clock may be off. The default is 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>By which algorithms a token may be signed, with commas between. The default is <c>RS256, PS256, ES256</c>; those with a shared secret are never taken.</summary>
    [Required]
    public string Algorithms { get; set; } = "RS256, PS256, ES256";

    /// <summary>The claim that stands in the history for who it was. The default is <c>sub</c>, which no provider gives to two people.</summary>
    [Required]
    public string NameClaim { get; set; } = "sub";

    /// <summary>The claim with the roles. The default is <c>roles</c>.</summary>
    [Required]
    public string RolesClaim { get; set; } = "roles";

    /// <summary>Whether tokens are read.</summary>
    internal bool AreRead => Issuer is not null;

    internal IEnumerable<string> AlgorithmList => Algorithms.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether the provider is on this machine, and need not prove which it is.</summary>
    internal bool IsLocal => Uri.TryCreate(Issuer, UriKind.Absolute, out var address) && (address.IsLoopback || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip)));

    internal IEnumerable<string> FindErrors()
    {
        if (Issuer is null)
        {
            yield break;
        }

        if (!Uri.TryCreate(Issuer, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && IsLocal)))
        {
            yield return $"'Http:Tokens:Issuer' is '{Issuer}', but expected is an address that begins with https://: whoever stood between could sign tokens.";
        }

        if (string.IsNullOrWhiteSpace(Audience))
        {
            yield return "'Http:Tokens:Audience' is missing: a token that the provider made for another program would open this one. Set it to what the provider calls this one.";
        }

        foreach (var algorithm in AlgorithmList.Where(algorithm => algorithm.StartsWith("HS", StringComparison.OrdinalIgnoreCase) || algorithm.Equals("none", StringComparison.OrdinalIgnoreCase)))
        {
            yield return $"'Http:Tokens:Algorithms' has '{algorithm}', which proves nothing of who signed. Leave it out.";
        }
    }
}
