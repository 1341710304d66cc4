using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Projections.Web.Security;

/// <summary>
/// Finds out who calls: by the key in <c>Authorization: Bearer …</c>. Where no keys are configured, only this machine can connect,
/// and whoever does may do everything, as with the command line.
/// </summary>
internal sealed class CallerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, WebOptions web)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string Readers = "reader";
    public const string Operators = "operator";

    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer realm=\"projections\"";
        return Problem.Unauthorized.ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problem.Forbidden(Context.User.Identity?.Name).ExecuteAsync(Context);

    private AuthenticateResult Authenticate()
    {
        if (web.ApiKeys.Count == 0)
        {
            return Context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
                ? Success($"http@{Environment.MachineName}", CallerRole.Operator)
                : AuthenticateResult.Fail("Without keys, only this machine is let in.");
        }

        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        return ApiKey.Find(web.ApiKeys, header[Bearer.Length..].Trim()) is { } key
            ? Success(key.Name, key.Role)
            : AuthenticateResult.Fail("The key is not known.");
    }

    private static AuthenticateResult Success(string name, CallerRole role)
    {
        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(identity.NameClaimType, name));
        identity.AddClaim(new Claim(identity.RoleClaimType, Readers));
        if (role == CallerRole.Operator)
        {
            identity.AddClaim(new Claim(identity.RoleClaimType, Operators));
        }

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}
