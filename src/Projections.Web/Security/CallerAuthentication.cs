using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Projections.Commands;

namespace Projections.Web.Security;

/// <summary>
/// Finds out who calls: by the key or the token in <c>Authorization: Bearer …</c>. Where neither is configured, only this machine can connect,
/// and whoever does may do everything, as with the command line.
/// </summary>
internal sealed partial class CallerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, WebOptions web, KeyRing keys, FailedSignIns failed)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";
    public const string Readers = "reader";
    public const string Operators = "operator";

    private const string Bearer = "Bearer ";

    private bool _providerIsAway;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (web.IsOpen)
        {
            return Context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
                ? Success(new CallerIdentity($"http@{Environment.MachineName}", [RoleRights.Of(CallerRole.Operator)]))
                : AuthenticateResult.Fail("Without keys, only this machine is let in.");
        }

        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        var (caller, problem) = await FindAsync(header[Bearer.Length..].Trim());
        if (caller is null)
        {
            failed.Note(Context.Connection.RemoteIpAddress, problem!);
            return AuthenticateResult.Fail(problem!);
        }

        return Success(caller);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_providerIsAway)
        {
            return Problem.Unavailable("Nobody can be asked who you are at the moment: the identity provider does not answer. Try again, or come with a key.").ExecuteAsync(Context);
        }

        Response.Headers.WWWAuthenticate = "Bearer realm=\"projections\"";
        return Problem.Unauthorized.ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problem.Forbidden(Context.User.Identity?.Name, Context.GetEndpoint()?.Metadata.GetMetadata<VerbAttribute>()?.Name, Context.GetRouteValue("name") as string).ExecuteAsync(Context);

    private async Task<(CallerIdentity? Caller, string? Problem)> FindAsync(string text)
    {
        if (ApiKey.Find(keys.Current, text) is { } key)
        {
            return (new CallerIdentity(key.Name, [RoleRights.Of(key.Role)]), null);
        }

        if (!web.Tokens.AreRead || text.StartsWith(ApiKey.Prefix, StringComparison.Ordinal))
        {
            return (null, "the key is not known");
        }

        try
        {
            return await Context.RequestServices.GetRequiredService<ProviderTokens>().ReadAsync(text, Context.RequestAborted);
        }
        catch (ProviderUnreachable unreachable)
        {
            _providerIsAway = true;
            LogProviderAway(Logger, unreachable.Message, unreachable.InnerException!.Message);
            return (null, "the identity provider does not answer");
        }
    }

    private static AuthenticateResult Success(CallerIdentity caller) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(caller), SchemeName));

    [LoggerMessage(728, LogLevel.Error, "{Problem} Nobody comes in with a token until it answers: {Reason}")]
    private static partial void LogProviderAway(ILogger logger, string problem, string reason);
}
