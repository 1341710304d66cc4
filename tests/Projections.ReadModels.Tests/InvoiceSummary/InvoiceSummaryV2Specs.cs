using Projections.ReadModels.InvoiceSummary.V2;
using Projections.ReadModels.Invoicing;
using Projections.Testing;

namespace Projections.ReadModels.Tests.InvoiceSummary;

public sealed class InvoiceSummaryV2Specs
{
    private static readonly Guid Invoice = new("0198a1f0-0000-7000-8000-000000000001");
    private static readonly Guid Another = new("0198a1f0-0000-7000-8000-000000000002");
    private static readonly DateTime Noon = new(2026, 3, 2, 12, 0, 0, DateTimeKind.Utc);
    private static readonly InvoiceIssued Issued = new("R-1", "acme", "EUR", new DateOnly(2026, 3, 31));
    private static readonly LineAdded Bolts = new(1, "Bolt M8", 4, 20m);
    private static readonly LineAdded Nuts = new(2, "Nut M8", 2, 10m);

    [Fact]
    public void An_invoice_is_the_sum_of_its_own_lines() => ProjectionSpec.For(new InvoiceSummaryV2())
        .Given(Invoice, Issued, Bolts)
        .Given(Another, Issued with { Number = "R-2" })
        .Given(Invoice, Nuts)
        .Then(Invoice, row => row.Net.ShouldBe(100m))
        .Then(Another, row => row.Net.ShouldBe(0m))
        .ThenNothingElse();

    [Fact]
    public void What_is_outstanding_falls_with_each_payment_until_it_is_paid() => ProjectionSpec.For(new InvoiceSummaryV2())
        .Given(Invoice, Issued, Bolts, Nuts, new TaxApplied(0.19m, 19m))
        .Then(Invoice, row => (row.Outstanding, row.Status).ShouldBe((119m, InvoiceStatus.Open)))
        .Given(Invoice, new PaymentReceived(100m, "card", [1]))
        .Then(Invoice, row => (row.Outstanding, row.Status).ShouldBe((19m, InvoiceStatus.PartlyPaid)))
        .At(Noon)
        .Given(Invoice, new PaymentReceived(19m, "transfer", [2]))
        .Then(Invoice, row => (row.Outstanding, row.Status, row.LastPaymentAt).ShouldBe((0m, InvoiceStatus.Paid, Noon)))
        .Given(Invoice, new InvoiceClosed("acme", 100m, 19m))
        .Then(Invoice, row => row.Status.ShouldBe(InvoiceStatus.Closed));

    [Fact]
    public void A_credit_note_reduces_the_invoice() => ProjectionSpec.For(new InvoiceSummaryV2())
        .Given(Invoice, Issued, Bolts, Nuts, new CreditNoteIssued("acme", [new CreditedLine(1, 5m), new CreditedLine(2, 20m)]))
        .Then(Invoice, row => (row.Net, row.Outstanding).ShouldBe((75m, 75m)));

    [Fact]
    public void Tax_and_payments_are_kept_to_the_cent() => ProjectionSpec.For(new InvoiceSummaryV2())
        .Given(Invoice, Issued, new TaxApplied(0.19m, 1.005m), new PaymentReceived(0.335m, "card", []), new PaymentReceived(0.335m, "card", []))
        .Then(Invoice, row => (row.Tax, row.Paid).ShouldBe((1.01m, 0.68m)));

    [Fact]
    public void A_cancelled_invoice_is_gone() => ProjectionSpec.For(new InvoiceSummaryV2())
        .Given(Invoice, Issued, Bolts, new InvoiceCancelled("ordered twice", [1]))
        .ThenNone(Invoice)
        .ThenNothingElse();

    [Fact]
    public void An_invoice_that_is_issued_twice_stops_the_version() => ProjectionSpec.For(new InvoiceSummaryV2())
        .Given(Invoice, Issued, Issued)
        .ThenFails("there is a row 0198a1f0-0000-7000-8000-000000000001 already")
        .Then(Invoice, row => row.Number.ShouldBe("R-1"));
}
