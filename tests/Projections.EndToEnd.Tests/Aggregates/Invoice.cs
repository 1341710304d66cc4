using Projections.Aggregates;
using Projections.Definitions;
using Projections.ReadModels.Invoicing;

namespace Projections.EndToEnd.Aggregates;

/// <summary>An invoice with all its lines, changed by its events.</summary>
internal sealed class Invoice
{
    public Guid Id { get; set; }

    public string Customer { get; set; } = "";

    public Dictionary<int, decimal> Lines { get; } = [];

    public decimal Tax { get; private set; }

    public decimal Paid { get; private set; }

    public bool Closed { get; private set; }

    public static Invoice Create(InvoiceIssued e) => new() { Customer = e.Customer };

    public void Apply(LineAdded e) => Lines[e.Line] = e.Net;

    public void Apply(TaxApplied e) => Tax = e.Amount;

    // A payment opens what was closed.
    public void Apply(PaymentReceived e) => (Paid, Closed) = (Paid + e.Amount, false);

    public void Apply(InvoiceClosed e) => Closed = true;

    public void Apply(CreditNoteIssued e)
    {
        foreach (var line in e.Lines)
        {
            Lines[line.Line] = Lines.GetValueOrDefault(line.Line) - line.Net;
        }
    }

    public bool ShouldDelete(InvoiceCancelled e) => true;
}

internal sealed class Invoices(int number) : AggregateProjection<Invoice>("invoices", number, InvoicingEvents.Types)
{
    public override VersionFiles Files { get; } = new(
        $"projections/Invoices/V{number}",
        $"create table invoices_v{number} (key uuid primary key, data jsonb not null, version bigint not null, updated_at timestamptz not null)",
        $"create index on invoices_v{number} ((data->>'customer'))",
        $"drop table invoices_v{number}",
        new string((char)('0' + number), 64));
}
