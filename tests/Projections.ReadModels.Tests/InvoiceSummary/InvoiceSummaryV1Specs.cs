using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.Invoicing;
using Projections.Testing;

namespace Projections.ReadModels.Tests.InvoiceSummary;

public sealed class InvoiceSummaryV1Specs
{
    private static readonly Guid Invoice = new("0198a1f0-0000-7000-8000-000000000001");
    private static readonly DateTime Morning = new(2026, 3, 1, 8, 0, 0, DateTimeKind.Utc);
    private static readonly InvoiceIssued Issued = new("R-1", "acme", "EUR", new DateOnly(2026, 3, 31));

    [Fact]
    public void An_invoice_adds_up_from_its_lines_to_its_end() => ProjectionSpec.For(new InvoiceSummaryV1())
        .At(Morning)
        .Given(Invoice, Issued, new LineAdded(1, "Bolt M8", 4, 20m), new LineAdded(2, "Nut M8", 2, 10m), new TaxApplied(0.19m, 19m))
        .Given(Invoice, new PaymentReceived(119m, "card", [1, 2]), new InvoiceClosed("acme", 100m, 19m))
        .Then(Invoice, new InvoiceSummaryV1.Row
        {
            InvoiceId = Invoice, Number = "R-1", Customer = "acme", IssuedAt = Morning, LineCount = 2, Net = 100m, Tax = 19m, Paid = 119m, Closed = true,
        })
        .ThenNothingElse();

    [Fact]
    public void A_line_of_the_time_before_quantities_counts_as_one_piece() => ProjectionSpec.For(new InvoiceSummaryV1())
        .Given(Invoice, Issued)
        .GivenStored(Invoice, "line_added_v1", """{"line":1,"product":"Bolt M8","amount":12.5}""")
        .Then(Invoice, row => row.Net.ShouldBe(12.5m));

    [Fact]
    public void A_cancelled_invoice_is_gone() => ProjectionSpec.For(new InvoiceSummaryV1())
        .Given(Invoice, Issued, new LineAdded(1, "Bolt M8", 4, 20m), new InvoiceCancelled("ordered twice", [1]))
        .ThenNone(Invoice)
        .ThenNothingElse();

    [Fact]
    public void A_line_without_an_invoice_stops_the_version() => ProjectionSpec.For(new InvoiceSummaryV1())
        .Given(Invoice, new LineAdded(1, "Bolt M8", 4, 20m))
        .ThenFails("there is no row 0198a1f0-0000-7000-8000-000000000001 to update")
        .ThenNothingElse();
}
