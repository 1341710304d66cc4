using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Serving;

namespace Projections.Web.Endpoints;

/// <summary>The databases that the program serves.</summary>
internal static class DatabaseEndpoints
{
    public static void Map(IEndpointRouteBuilder readers) =>
        readers.MapGet("/databases", List).WithSummary("The databases that this program serves, and which of them need a look. Every other request names one of them with 'database'; where there is one without a name, it is left out.");

    private static Ok<DatabasesReport> List(ServedDatabases databases)
    {
        var summary = databases.Summarize();
        return TypedResults.Ok(new DatabasesReport(
            summary.Text, summary.Well, databases.HaveNames ? [.. databases.All.Select(database => database.Name!)] : [], summary.NeedALook, summary.ListTrouble));
    }
}

/// <param name="Summary">In one line.</param>
/// <param name="Well">How many are as they should be.</param>
/// <param name="Databases">Their names; empty where there is one without a name.</param>
/// <param name="NeedALook">Those that are not as they should be, with the reasons.</param>
/// <param name="ListTrouble">Why the list of them cannot be read at present.</param>
internal sealed record DatabasesReport(
    string Summary, int Well, IReadOnlyList<string> Databases, IReadOnlyList<DatabaseTroubles> NeedALook, string? ListTrouble);
