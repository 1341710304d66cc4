using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Projections.Web.Security;

/// <summary>
/// Finds out whom an identity provider's token is for. Its signature, issuer, audience, times and algorithm are looked at by the provider's keys,
/// which are read when the first token comes, now and then, and when a token was signed with one that is new.
/// </summary>
internal sealed class ProviderTokens
{
    /// <summary>How soon keys are looked for again because of a token: anybody can send one with a key that there is not.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly ConfigurationManager<OpenIdConnectConfiguration> _provider;
    private readonly TokenValidationParameters _expected;
    private readonly IReadOnlyList<RoleRights> _roles;
    private readonly TokenOptions _options;

    public ProviderTokens(WebOptions web, HttpClient provider)
    {
        _options = web.Tokens;
        _roles = [.. RoleRights.Always.ExceptBy(web.Roles.Select(role => role.Role), role => role.Role), .. web.Roles];
        _provider = new ConfigurationManager<OpenIdConnectConfiguration>(
            $"{_options.Issuer!.TrimEnd('/')}/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(provider) { RequireHttps = !_options.IsLocal })
        {
            RefreshInterval = BetweenLooks,
        };
        _expected = new TokenValidationParameters
        {
            ValidIssuer = _options.Issuer,
            ValidAudience = _options.Audience,
            ValidAlgorithms = [.. _options.AlgorithmList],
            ClockSkew = _options.ClockSkew,
            ConfigurationManager = _provider,
        };
    }

    /// <returns>Who it is, or why nobody is let in by it.</returns>
    /// <exception cref="ProviderUnreachable">The provider's keys are not known, and cannot be read.</exception>
    public async Task<(CallerIdentity? Caller, string? Problem)> ReadAsync(string token, CancellationToken cancellationToken)
    {
        if (!_handler.CanReadToken(token))
        {
            return (null, "it is neither a key nor a token");
        }

        await FindProviderAsync(cancellationToken);
        var result = await _handler.ValidateTokenAsync(token, _expected);
        if (!result.IsValid)
        {
            return (null, Words(result.Exception));
        }

        var name = result.ClaimsIdentity.FindFirst(_options.NameClaim)?.Value;
        var roles = result.ClaimsIdentity.FindAll(_options.RolesClaim).Select(claim => claim.Value).ToHashSet();
        return string.IsNullOrWhiteSpace(name)
            ? (null, $"the token has no '{_options.NameClaim}'")
            : (new CallerIdentity(name, [.. _roles.Where(role => roles.Contains(role.Role))]), null);
    }

    /// <summary>Without the provider's keys a token would be refused as if it were a wrong one. Once they are known, they are used while it is away.</summary>
    private async Task FindProviderAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _provider.GetConfigurationAsync(cancellationToken);
        }
        catch (InvalidOperationException unreachable)
        {
            throw new ProviderUnreachable(_options.Issuer!, unreachable);
        }
    }

    // Not the library's own words: they may quote the token.
    private static string Words(Exception problem) => problem switch
    {
        SecurityTokenExpiredException => "the token has expired",
        SecurityTokenNotYetValidException => "the token does not count yet",
        SecurityTokenNoExpirationException => "the token never expires",
        SecurityTokenInvalidAudienceException => "the token is for another audience",
        SecurityTokenInvalidIssuerException => "the token is from another issuer",
        SecurityTokenInvalidAlgorithmException => "the token is signed by another algorithm",
        SecurityTokenSignatureKeyNotFoundException => "the token is signed with a key that the provider does not have",
        SecurityTokenInvalidSignatureException => "the token's signature is wrong",
        _ => "it is no token that can be read",
    };
}

/// <summary>The identity provider cannot be asked for its keys.</summary>
internal sealed class ProviderUnreachable(string issuer, Exception innerException)
    : Exception($"The identity provider {issuer} cannot be asked for its keys.", innerException);
