using Projections.Definitions;
using Projections.ReadModels.InvoiceSummary.V1;

namespace Projections.EndToEnd;

/// <summary>The read models of invoices that the program <c>projections</c> has, so that its processes can work on them.</summary>
internal static class InvoiceWorld
{
    public static readonly ProjectionRegistry Registry = ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly);

    public static readonly ProjectionName Summary = new("invoice_summary");

    /// <summary>Some invoices, v1 of their summary live, other versions ready, and nobody who works.</summary>
    /// <returns>A system to give commands by.</returns>
    public static async Task<ProjectionSystem> BuildSummaryAsync(this World world, int invoices, params int[] others)
    {
        await world.SeedAsync(invoices);
        var system = await world.OpenAsync(Registry);
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, Summary.Value, 1);
        foreach (var other in others)
        {
            await world.BuildAsync(system, Summary.Value, other);
        }

        await world.StopAsync(worker);
        return system;
    }
}
