using Projections.Definitions;
using Projections.WorkOrders;

namespace Projections.Reports;

/// <summary>That work was ordered, as every door tells it.</summary>
/// <param name="Id">By which the order is found.</param>
/// <param name="Projection">The projection.</param>
/// <param name="Version">The version that it is about.</param>
/// <param name="Outcome">What will be done, in a sentence for people.</param>
/// <param name="AlreadyDone">Whether the same order was given before.</param>
internal sealed record OrderReport(Guid Id, ProjectionName Projection, int Version, string Outcome, bool AlreadyDone)
{
    public static OrderReport Of(OrderResult order) =>
        new(order.Id, order.Result.Version.Projection, order.Result.Version.Number, order.Result.Outcome, order.Result.AlreadyDone);
}
