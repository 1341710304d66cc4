using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Projections.Web.Health;

/// <summary>Answers nothing about projections before the worker has started; the page comes up, and says so.</summary>
internal sealed class StartingGuard(RequestDelegate next, StartingState starting)
{
    public Task InvokeAsync(HttpContext context) =>
        starting.IsOver || context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is null
            ? next(context)
            : Problem.Unavailable("This worker is starting: what it stands on may not be there yet, and its log says what. Ask another, or again in a moment.").ExecuteAsync(context);
}
