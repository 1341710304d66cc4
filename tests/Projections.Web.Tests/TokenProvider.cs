using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Projections.Web;

/// <summary>A small identity provider: its discovery document, its keys, which can be changed, and tokens of any kind.</summary>
internal sealed class TokenProvider : IAsyncDisposable
{
    public const string Audience = "projections";

    private readonly WebApplication _app;
    private RsaSecurityKey _key = NewKey();

    private TokenProvider(WebApplication app) => _app = app;

    public string Issuer => _app.Urls.Single();

    public static async Task<TokenProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var provider = new TokenProvider(app);
        app.MapGet("/.well-known/openid-configuration", () => Results.Text($$"""{"issuer":"{{provider.Issuer}}","jwks_uri":"{{provider.Issuer}}/keys"}""", "application/json"));
        app.MapGet("/keys", () => Results.Text(provider.Keys(), "application/json"));
        await app.StartAsync();
        return provider;
    }

    /// <summary>Signs with another key from now on, and forgets the one before.</summary>
    public void Rotate() => _key = NewKey();

    /// <summary>A token that is as it should be, but for what is changed of it.</summary>
    public string Token(string name, string[] roles, Action<SecurityTokenDescriptor>? change = null)
    {
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = DateTime.UtcNow.AddMinutes(-10),
            NotBefore = DateTime.UtcNow.AddMinutes(-10),
            Expires = DateTime.UtcNow.AddHours(1),
            Claims = new Dictionary<string, object> { ["sub"] = name, ["roles"] = roles },
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
        };
        change?.Invoke(descriptor);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("n") };

    private string Keys()
    {
        var parameters = _key.Rsa.ExportParameters(includePrivateParameters: false);
        return $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"{{_key.KeyId}}","n":"{{Base64UrlEncoder.Encode(parameters.Modulus)}}","e":"{{Base64UrlEncoder.Encode(parameters.Exponent)}}"}]}""";
    }
}
