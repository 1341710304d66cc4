using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Operations;
using Projections.Web.Security;

namespace Projections.Web.Endpoints;

/// <summary>Who answers, and who asks.</summary>
/// <param name="Worker">The worker's name, as in leases.</param>
/// <param name="Source">Where its events come from.</param>
/// <param name="Release">The program's version.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="MayCommand">Whether they may command anything.</param>
/// <param name="Rights">Which commands they may give about which projections: <c>switch invoice_*</c>.</param>
/// <param name="Errors">What is wrong with declarations of which nobody knows to which projection they belong.</param>
internal sealed record About(string Worker, string Source, string Release, string Caller, bool MayCommand, IReadOnlyList<string> Rights, IReadOnlyList<string> Errors)
{
    private static readonly string ThisRelease =
        typeof(About).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public static void Map(IEndpointRouteBuilder readers)
    {
        readers.MapGet("/about", Get).WithSummary("The worker that answers, and who asks.");
        readers.MapGet("/fleet", FleetAsync).WithSummary("The programs that work on the read models' database, and what each of them does.");
    }

    private static async Task<Ok<FleetReport>> FleetAsync(ChosenDatabase chosen, CancellationToken cancellationToken) =>
        TypedResults.Ok(await new ReadFleet(chosen.System).RunAsync(cancellationToken));

    private static Ok<About> Get(ChosenDatabase chosen, HttpContext context)
    {
        var caller = (CallerIdentity)context.User.Identity!;
        return TypedResults.Ok(new About(
            chosen.System.Name, chosen.System.Source.Identity, ThisRelease, caller.Name!, caller.Rights.Count > 0,
            [.. caller.Rights.Select(right => right.ToString())], [.. chosen.System.Registry.Unattributed.Select(error => error.Text)]));
    }
}
