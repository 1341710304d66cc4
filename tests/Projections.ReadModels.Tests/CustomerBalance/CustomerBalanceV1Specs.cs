using Projections.ReadModels.CustomerBalance.V1;
using Projections.ReadModels.Invoicing;
using Projections.Testing;

namespace Projections.ReadModels.Tests.CustomerBalance;

public sealed class CustomerBalanceV1Specs
{
    private static readonly Guid First = new("0198a1f0-0000-7000-8000-000000000001");
    private static readonly Guid Second = new("0198a1f0-0000-7000-8000-000000000002");

    [Fact]
    public void A_customers_invoices_add_up_with_their_tax_and_credit_notes_are_taken_off() => ProjectionSpec.For(new CustomerBalanceV1())
        .Given(First, new InvoiceClosed("acme", 100m, 19m))
        .Given(Second, new InvoiceClosed("acme", 50m, 9.5m))
        .Given(First, new CreditNoteIssued("acme", [new CreditedLine(1, 30m), new CreditedLine(2, 12m)]))
        .ThenRows(new CustomerBalanceV1.Row { Customer = "acme", Invoices = 2, Open = 136.5m });

    [Fact]
    public void A_credit_note_for_a_customer_without_invoices_changes_nothing() => ProjectionSpec.For(new CustomerBalanceV1())
        .Given(First, new CreditNoteIssued("acme", [new CreditedLine(1, 30m)]))
        .ThenNothingElse();
}
