using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.Benchmarks.Documents;

/// <summary>Invoices with a column for each member.</summary>
internal sealed class InvoiceRows() : TableProjection<Guid, InvoiceRows.Row>(Name, 1, InvoicingEvents.Types)
{
    public const string Name = "invoice_rows";

    public override VersionFiles Files => new(
        $"Documents/{Name}",
        $"""
        create table {Id.Table} (
            key uuid primary key, number text not null, customer text not null, due_on date not null, line_count integer not null, net numeric not null,
            tax numeric not null, paid numeric not null, closed boolean not null, version bigint not null, updated_at timestamptz not null
        )
        """,
        null,
        $"drop table {Id.Table}",
        "none");

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<InvoiceIssued>().ByStream().Upserts((row, e) => row.Now(e).Apply(e.Data));
        on.Event<LineAdded>().ByStream().Upserts((row, e) => row.Now(e).Apply(e.Data));
        on.Event<TaxApplied>().ByStream().Upserts((row, e) => row.Now(e).Apply(e.Data));
        on.Event<PaymentReceived>().ByStream().Upserts((row, e) => row.Now(e).Apply(e.Data));
        on.Event<InvoiceClosed>().ByStream().Upserts((row, e) => row.Now(e).Apply(e.Data));
    }

    internal sealed class Row : Invoice
    {
        [Key]
        public Guid Key { get; set; }

        public long Version { get; set; }

        public DateTime UpdatedAt { get; set; }

        public Row Now<TEvent>(Event<TEvent> e)
        {
            (Version, UpdatedAt) = (e.StreamVersion, e.Time);
            return this;
        }
    }
}
