using AcmeShop.ReadModels.Invoicing;
using AcmeShop.ReadModels.InvoiceSummary.V1;
using Projections.Testing;
using Shouldly;
using Xunit;

namespace AcmeShop.Specs;

public sealed class InvoiceSummaryV1Specs
{
    private readonly Guid _invoice = Guid.NewGuid();

    [Fact]
    public void An_invoice_is_worth_its_lines() =>
        ProjectionSpec.For(new InvoiceSummaryV1())
            .Given(_invoice, new InvoiceIssued("R-1", "ada"), new LineAdded("Bolt M8", 4, 2.50m), new LineAdded("Nut M8", 4, 0.25m))
            .Then(_invoice, row =>
            {
                row.Customer.ShouldBe("ada");
                row.Net.ShouldBe(11m);
                row.Paid.ShouldBe(0m);
            })
            .ThenNothingElse();

    [Fact]
    public void What_was_paid_adds_up() =>
        ProjectionSpec.For(new InvoiceSummaryV1())
            .Given(_invoice, new InvoiceIssued("R-1", "ada"), new LineAdded("Bolt M8", 4, 2.50m), new InvoicePaid(4m), new InvoicePaid(6m))
            .Then(_invoice, row => row.Paid.ShouldBe(10m))
            .ThenNothingElse();
}
