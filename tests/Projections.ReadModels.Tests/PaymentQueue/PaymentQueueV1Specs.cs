using Projections.ReadModels.Invoicing;
using Projections.ReadModels.PaymentQueue.V1;
using Projections.Testing;

namespace Projections.ReadModels.Tests.PaymentQueue;

public sealed class PaymentQueueV1Specs
{
    private static readonly Guid First = new("0198a1f0-0000-7000-8000-000000000001");
    private static readonly Guid Second = new("0198a1f0-0000-7000-8000-000000000002");
    private static readonly Guid Third = new("0198a1f0-0000-7000-8000-000000000003");
    private static readonly Guid Foreign = new("0198a1f0-0000-7000-8000-000000000004");
    private static readonly InvoiceIssued Issued = new("R-1", "acme", "EUR", new DateOnly(2026, 3, 31));

    [InPostgresFact]
    public void An_invoice_that_is_settled_or_cancelled_moves_up_those_behind_it() => ProjectionSpec.For(new PaymentQueueV1()).InPostgres()
        .Given(First, Issued)
        .Given(Second, Issued with { Number = "R-2" })
        .Given(Foreign, Issued with { Number = "R-3", Customer = "umbrella" })
        .Given(Third, Issued with { Number = "R-4" })
        .Then(Third, row => row.Get<int>("place").ShouldBe(3))
        .Given(First, new InvoiceClosed("acme", 0m, 0m))
        .Then(Second, row => row.Get<int>("place").ShouldBe(1))
        .Given(Second, new InvoiceCancelled("ordered twice", []))
        .ThenNone(First)
        .ThenNone(Second)
        .Then(Third, row => (row["place"], row["number"]).ShouldBe((1, "R-4")))
        .Then(Foreign, row => row["place"].ShouldBe(1))
        .ThenNothingElse();
}
