namespace Projections.ReadModels.InvoiceSummary.V2;

/// <summary>How far an invoice has come.</summary>
public enum InvoiceStatus
{
    Open,
    PartlyPaid,
    Paid,
    Closed,
}
