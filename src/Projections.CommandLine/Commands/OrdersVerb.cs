using System.CommandLine;
using System.Globalization;
using Projections.CommandLine.Terminal;
using Projections.Commands;
using Projections.Reports;
using Projections.WorkOrders;
using Command = Projections.Commands.Command;

namespace Projections.CommandLine.Commands;

/// <summary><c>orders</c>: the comparisons, repairs and rehearsals that were ordered over HTTP or by message.</summary>
internal sealed class OrdersVerb : ChangeVerb<CallOffOrderCommand>
{
    private const int MostListed = 100;

    private readonly Argument<Decision> _decision = new("ACTION") { HelpName = "list|cancel", Description = "What to do.", DefaultValueFactory = _ => Decision.List };
    private readonly Option<Guid?> _id = new("--id") { Description = "The order that is to be called off.", HelpName = "GUID" };

    public OrdersVerb()
        : base(
            [
                "projections orders invoice_summary",
                "projections orders invoice_summary cancel --id 0d1f6d1e-5f0a-4f0a-9f57-0c8a4f1c2b3d --why \"it takes too long\"",
            ],
            new VerbAttribute("orders", "Lists the comparisons, repairs and rehearsals that were ordered over HTTP or by message, or calls one off."))
    {
        Arguments.Add(_decision);
        Options.Add(_id);
    }

    private enum Decision
    {
        List,
        Cancel,
    }

    protected override Command InOtherWords(CallOffOrderCommand command, ParseResult arguments) =>
        arguments.GetValue(_decision) == Decision.List ? command : command with
        {
            Order = arguments.GetValue(_id)
                ?? throw new OperationRefused("Say with '--id' which order is to be called off; 'projections orders NAME' lists them.", isMistake: true),
        };

    protected override async Task<int> RunAsync(Invocation call, CancellationToken stop)
    {
        var command = (CallOffOrderCommand)CommandOf(call);
        var system = await call.OpenAsync(stop);
        if (call.Arguments.GetValue(_decision) == Decision.Cancel)
        {
            return Answer(call, await command.RunAsync(system, ContextOf(call), stop));
        }

        Show(call, await WorkOrderStore.ReadAsync(system.Catalog, command.Projection, MostListed, stop));
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
