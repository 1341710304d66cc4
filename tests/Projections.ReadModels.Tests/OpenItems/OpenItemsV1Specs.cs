using Projections.ReadModels.Invoicing;
using Projections.ReadModels.OpenItems.V1;
using Projections.Testing;

namespace Projections.ReadModels.Tests.OpenItems;

public sealed class OpenItemsV1Specs
{
    private static readonly Guid Invoice = new("0198a1f0-0000-7000-8000-000000000001");
    private static readonly LineAdded Bolts = new(1, "Bolt M8", 4, 20m);
    private static readonly LineAdded Nuts = new(2, "Nut M8", 2, 10m);

    [Fact]
    public void Each_line_is_open_until_a_payment_settles_it() => ProjectionSpec.For(new OpenItemsV1())
        .Given(Invoice, Bolts, Nuts)
        .Then(new(Invoice, 1), row => (row.Product, row.Net).ShouldBe(("Bolt M8", 80m)))
        .Then(new(Invoice, 2), row => (row.Product, row.Net).ShouldBe(("Nut M8", 20m)))
        .ThenNothingElse()
        .Given(Invoice, new PaymentReceived(80m, "card", [1]))
        .ThenNone(new(Invoice, 1));

    [Fact]
    public void A_payment_and_a_cancellation_take_away_several_lines_at_once() => ProjectionSpec.For(new OpenItemsV1())
        .Given(Invoice, Bolts, Nuts, new PaymentReceived(100m, "card", [1, 2]))
        .ThenNothingElse()
        .Given(Invoice, Bolts, Nuts, new InvoiceCancelled("ordered twice", [1, 2]))
        .ThenNothingElse();

    [Fact]
    public void A_line_that_is_credited_whole_is_not_open_any_more() => ProjectionSpec.For(new OpenItemsV1())
        .Given(Invoice, Bolts, Nuts, new CreditNoteIssued("acme", [new CreditedLine(1, 80m), new CreditedLine(2, 5m)]))
        .ThenNone(new(Invoice, 1))
        .Then(new(Invoice, 2), row => row.Net.ShouldBe(15m));

    [Fact]
    public void A_credit_for_a_line_that_was_paid_changes_nothing() => ProjectionSpec.For(new OpenItemsV1())
        .Given(Invoice, Bolts, new PaymentReceived(80m, "card", [1]), new CreditNoteIssued("acme", [new CreditedLine(1, 80m)]))
        .ThenNothingElse();

    [Fact]
    public void A_payment_for_a_line_that_is_not_open_stops_the_version() => ProjectionSpec.For(new OpenItemsV1())
        .Given(Invoice, Bolts, new PaymentReceived(80m, "card", [1, 2]))
        .ThenFails("there is no row OpenItem { InvoiceId = 0198a1f0-0000-7000-8000-000000000001, Line = 2 } to delete")
        .Then(new(Invoice, 1), row => row.Net.ShouldBe(80m));
}
