using Projections.ReadModels.CustomerMonthRevenue.V1;
using Projections.ReadModels.Invoicing;
using Projections.Testing;

namespace Projections.ReadModels.Tests.CustomerMonthRevenue;

public sealed class CustomerMonthRevenueV1Specs
{
    private static readonly Guid First = new("0198a1f0-0000-7000-8000-000000000001");
    private static readonly Guid Second = new("0198a1f0-0000-7000-8000-000000000002");
    private static readonly CustomerMonth March = new("acme", new DateOnly(2026, 3, 1));
    private static readonly CustomerMonth April = new("acme", new DateOnly(2026, 4, 1));
    private static readonly DateTime EndOfMarch = new(2026, 3, 31, 23, 59, 59, DateTimeKind.Utc);

    [Fact]
    public void Invoices_of_a_customer_add_up_by_the_month_in_which_they_were_closed() => ProjectionSpec.For(new CustomerMonthRevenueV1())
        .At(EndOfMarch)
        .Given(First, new InvoiceClosed("acme", 100m, 19m))
        .Given(Second, new InvoiceClosed("acme", 50m, 9.5m))
        .At(EndOfMarch.AddSeconds(1))
        .Given(Second, new InvoiceClosed("acme", 1m, 0.19m))
        .Then(March, row => (row.Invoices, row.Net, row.Tax, row.LastInvoiceAt).ShouldBe((2, 150m, 28.5m, EndOfMarch)))
        .Then(April, row => (row.Invoices, row.Net).ShouldBe((1, 1m)))
        .ThenNothingElse();

    [Fact]
    public void A_credit_note_counts_in_the_month_in_which_it_was_issued() => ProjectionSpec.For(new CustomerMonthRevenueV1())
        .At(EndOfMarch.AddSeconds(1))
        .Given(First, new CreditNoteIssued("acme", [new CreditedLine(1, 30m), new CreditedLine(2, 12m)]))
        .Then(April, row => (row.Invoices, row.CreditNotes, row.Net, row.LastInvoiceAt).ShouldBe((0, 1, -42m, null)))
        .ThenNothingElse();
}
