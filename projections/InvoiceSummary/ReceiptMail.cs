using Projections.ReadModels.Invoicing;
using Projections.Reactions;

namespace Projections.ReadModels.InvoiceSummary;

/// <summary>A receipt for each payment. It needs three columns, which all versions have; whichever is live gives them.</summary>
public sealed class ReceiptMail() : Reaction<ReceiptMail.Invoice>("invoice_summary", "receipt_mail", InvoicingEvents.Types)
{
    protected override void Define(ReactionDefinition<Invoice> on) =>
        on.Event<PaymentReceived>().Sends((e, before, after) =>
            after is null ? null : new SendReceipt(after.InvoiceId, after.Customer, e.Data.Amount, PaidBefore: before?.Paid ?? 0, PaidInAll: after.Paid));

    /// <summary>What it sees of an invoice.</summary>
    public sealed record Invoice(Guid InvoiceId, string Customer, decimal Paid);
}

/// <summary>Asks for a receipt to be sent.</summary>
public sealed record SendReceipt(Guid InvoiceId, string Customer, decimal Amount, decimal PaidBefore, decimal PaidInAll);
