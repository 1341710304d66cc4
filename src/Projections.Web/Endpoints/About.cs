using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Web.Security;

namespace Projections.Web.Endpoints;

/// <summary>Who answers, and who asks.</summary>
/// <param name="Worker">The worker's name, as in leases.</param>
/// <param name="Source">Where its events come from.</param>
/// <param name="Release">The program's version.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="MayCommand">Whether they may command.</param>
/// <param name="Errors">What is wrong with declarations of which nobody knows to which projection they belong.</param>
internal sealed record About(string Worker, string Source, string Release, string Caller, bool MayCommand, IReadOnlyList<string> Errors)
{
    private static readonly string ThisRelease =
        typeof(About).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public static void Map(IEndpointRouteBuilder readers) =>
        readers.MapGet("/about", Get).WithSummary("The worker that answers, and who asks.");

    private static Ok<About> Get(ProjectionSystem system, HttpContext context) => TypedResults.Ok(new About(
        system.Name, system.Source.Identity, ThisRelease, context.User.Identity!.Name!, context.User.IsInRole(CallerAuthentication.Operators),
        [.. system.Registry.Unattributed.Select(error => error.Text)]));
}
