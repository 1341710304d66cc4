using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Hosting;
using Projections.Commands;
using Projections.Definitions;
using Projections.Tables;
using Projections.Web.Security;

namespace Projections.Web.Endpoints;

/// <summary>What every command over HTTP carries beside its body.</summary>
internal sealed record CommandCall(
    [FromRoute(Name = "name")] string Name,
    [FromHeader(Name = CommandCall.IdHeader)] string? IdempotencyKey,
    HttpContext Http,
    ChosenDatabase Database,
    IHostApplicationLifetime Lifetime)
{
    public const string IdHeader = "Idempotency-Key";

    /// <summary>A command that was begun is carried out also when whoever asked hangs up; only the worker's stop ends it.</summary>
    private CancellationToken Stop => Lifetime.ApplicationStopping;

    /// <exception cref="ProjectionUnknown">There is no such projection.</exception>
    public async Task<TResult> RunAsync<TResult>(Command<TResult> command)
        where TResult : ICommandResult
    {
        var about = command with { Projection = await Known.ProjectionAsync(Database.System, Name, Stop) };
        foreach (var other in about.OthersIn(Database.System.Registry).Where(other => !((CallerIdentity)Http.User.Identity!).May(about.Verb, other.Value)))
        {
            throw new CommandForbidden(Http.User.Identity!.Name, about.Verb, other.Value);
        }

        return await about.RunAsync(Database.System, new CommandContext(Http.User.Identity!.Name!, CommandId(), $"http from {Http.Connection.RemoteIpAddress}"), Stop);
    }

    private Guid? CommandId()
    {
        if (string.IsNullOrWhiteSpace(IdempotencyKey))
        {
            return null;
        }

        // Any other text is one's own affair, and must not meet another caller's, or the same caller's for another command.
        return Guid.TryParse(IdempotencyKey, out var id)
            ? id
            : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{Http.User.Identity!.Name}\n{Http.Request.Path}\n{IdempotencyKey}")).AsSpan(0, 16));
    }
}
