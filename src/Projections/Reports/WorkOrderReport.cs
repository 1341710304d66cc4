using System.Text.Json;
using Projections.Definitions;
using Projections.WorkOrders;

namespace Projections.Reports;

/// <summary>Work that was ordered, as every door tells it.</summary>
/// <param name="Id">By which it is found.</param>
/// <param name="Projection">The projection.</param>
/// <param name="Version">The version that it is about.</param>
/// <param name="Work">What was ordered, with what was left open decided.</param>
/// <param name="State">How far it is.</param>
/// <param name="Outcome">What came of it, in a sentence.</param>
/// <param name="Result">What came of it, as the same verb's <c>--json</c> gives it.</param>
/// <param name="Failure">Why nothing came of it.</param>
/// <param name="Who">Who ordered it.</param>
/// <param name="Why">Why.</param>
/// <param name="Worker">The worker that took it last.</param>
/// <param name="RequestedAt">When it was ordered.</param>
/// <param name="StartedAt">When it was last begun.</param>
/// <param name="EndedAt">When it ended.</param>
internal sealed record WorkOrderReport(
    Guid Id,
    ProjectionName Projection,
    int Version,
    Work Work,
    WorkOrderState State,
    string? Outcome,
    JsonElement? Result,
    string? Failure,
    string Who,
    string? Why,
    string? Worker,
    DateTime RequestedAt,
    DateTime? StartedAt,
    DateTime? EndedAt)
{
    public static WorkOrderReport Of(WorkOrder order) => new(
        order.Id,
        order.Version.Projection,
        order.Version.Number,
        order.Work,
        order.State,
        order.Outcome,
        order.Result,
        order.Failure,
        order.Actor.Who,
        order.Actor.Why,
        order.Worker,
        order.RequestedAt,
        order.StartedAt,
        order.EndedAt);
}
