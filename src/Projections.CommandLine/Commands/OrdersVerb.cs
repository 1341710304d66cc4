using System.CommandLine;
using System.Globalization;
using Projections.CommandLine.Terminal;
using Projections.Commands;
using Projections.Reports;
using Projections.WorkOrders;

namespace Projections.CommandLine.Commands;

/// <summary><c>orders</c>: the comparisons, repairs and rehearsals that were ordered over HTTP or by message.</summary>
internal sealed class OrdersVerb : ChangeVerb
{
    private const int MostListed = 100;

    private readonly Argument<Decision> _decision = new("ACTION") { HelpName = "list|cancel", Description = "What to do.", DefaultValueFactory = _ => Decision.List };
    private readonly Option<Guid?> _id = new("--id") { Description = "The order that is to be called off.", HelpName = "GUID" };

    public OrdersVerb()
        : base(
            "orders",
            "Lists the comparisons, repairs and rehearsals that were ordered over HTTP or by message, or calls one off.",
            "projections orders invoice_summary",
            "projections orders invoice_summary cancel --id 0d1f6d1e-5f0a-4f0a-9f57-0c8a4f1c2b3d --why \"it takes too long\"")
    {
        Arguments.Add(_decision);
        Options.Add(_id);
    }

    private enum Decision
    {
        List,
        Cancel,
    }

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var system = await call.OpenAsync(stop);
        if (call.Arguments.GetValue(_decision) == Decision.Cancel)
        {
            var id = call.Arguments.GetValue(_id)
                ?? throw new OperationRefused($"Say with '--id' which order is to be called off; 'projections orders {ProjectionOf(call)}' lists them.", isMistake: true);
            return OperationAnswer.Give(call, await new CallOffOrder(system).RunAsync(ProjectionOf(call), id, ContextOf(call), stop));
        }

        Show(call, await WorkOrderStore.ReadAsync(system.Catalog, ProjectionOf(call), MostListed, stop));
        return ExitCode.Done;
    }

    private static void Show(Invocation call, IReadOnlyList<WorkOrder> orders)
    {
        if (orders.Count == 0)
        {
            call.Screen.Answer(Array.Empty<object>(), "Nothing was ordered.");
            return;
        }

        var listing = new Listing("Order", "Version", "Work", "State", "Who", "Asked (UTC)", "Outcome");
        foreach (var order in orders)
        {
            listing.Add(
                order.Id.ToString(),
                string.Create(CultureInfo.InvariantCulture, $"v{order.Version.Number}"),
                order.Work.Verb,
                order.State.ToString().ToLowerInvariant(),
                order.Actor.Who,
                order.RequestedAt.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                order.Outcome ?? order.Failure ?? "");
        }

        call.Screen.Answer(orders.Select(WorkOrderReport.Of).ToList(), listing);
    }
}
