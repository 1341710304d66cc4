using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Projections.Commands;
using Projections.Serving;
using Projections.Web.Live;

namespace Projections.Web.Endpoints;

/// <summary>The database that a request is about: <c>?database=north</c>, where the program serves several; nothing where it serves one.</summary>
/// <param name="System">What works on it.</param>
/// <param name="Feed">How it is, for those who watch.</param>
internal sealed record ChosenDatabase(ProjectionSystem System, StatusFeed Feed)
{
    /// <summary>The parameter of a request's query.</summary>
    public const string Parameter = "database";

    /// <exception cref="OperationRefused">There is no such database, or none was chosen and there are several.</exception>
    /// <exception cref="DatabaseNotOpen">It cannot be worked on at present.</exception>
    public static ValueTask<ChosenDatabase> BindAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var system = services.GetRequiredService<ServedDatabases>().SystemOf(context.Request.Query[Parameter].ToString());
        return ValueTask.FromResult(new ChosenDatabase(system, services.GetRequiredService<StatusFeeds>().Of(system)));
    }
}
