using Projections.Events;

namespace Projections.ReadModels.Invoicing;

/// <summary>The events of invoicing by their names in the store.</summary>
public static class InvoicingEvents
{
    public const string InvoiceIssued = "invoice_issued";
    public const string LineAdded = "line_added";
    public const string TaxApplied = "tax_applied";
    public const string PaymentReceived = "payment_received";
    public const string InvoiceClosed = "invoice_closed";
    public const string CreditNoteIssued = "credit_note_issued";
    public const string InvoiceCancelled = "invoice_cancelled";

    public static EventTypes Types { get; } = EventTypes.Create(types => types
        .Using(InvoicingJson.Default)
        .Map<InvoiceIssued>(InvoiceIssued)
        .Map<LineAdded>(LineAdded)
        .Upcast<LineAddedV1, LineAdded>("line_added_v1", old => new LineAdded(old.Line, old.Product, 1, old.Amount))
        .Map<TaxApplied>(TaxApplied)
        .Map<PaymentReceived>(PaymentReceived)
        .Map<InvoiceClosed>(InvoiceClosed)
        .Map<CreditNoteIssued>(CreditNoteIssued)
        .Map<InvoiceCancelled>(InvoiceCancelled));
}
