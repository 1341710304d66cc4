using Projections.ReadModels.Invoicing;

namespace Projections.Benchmarks.Documents;

/// <summary>What an invoice has come to, and how its events change it: the same code for rows and for aggregates.</summary>
internal class Invoice
{
    public string Number { get; set; } = "";

    public string Customer { get; set; } = "";

    public DateOnly DueOn { get; set; }

    public int LineCount { get; set; }

    public decimal Net { get; set; }

    public decimal Tax { get; set; }

    public decimal Paid { get; set; }

    public bool Closed { get; set; }

    public void Apply(InvoiceIssued e) => (Number, Customer, DueOn) = (e.Number, e.Customer, e.DueOn);

    public void Apply(LineAdded e) => (LineCount, Net) = (LineCount + 1, Net + e.Net);

    public void Apply(TaxApplied e) => Tax = e.Amount;

    public void Apply(PaymentReceived e) => Paid += e.Amount;

    public void Apply(InvoiceClosed e) => Closed = true;
}
