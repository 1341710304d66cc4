using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.Benchmarks.Seeds;

/// <summary><c>invoice_summary</c> v1 and one more column, which follows from what v1 has: the usual next version.</summary>
/// <param name="isSeeded">Whether it begins with the rows of v1, and not with history.</param>
internal sealed class GrossInvoices(bool isSeeded) : TableProjection<Guid, GrossInvoices.Row>("invoice_summary", 2, InvoicingEvents.Types)
{
    /// <summary>What fills a table of this shape from that of v1.</summary>
    public static string Fill(string table) =>
        $"""
        insert into {table} (invoice_id, number, customer, issued_at, line_count, net, tax, paid, closed, gross)
        select invoice_id, number, customer, issued_at, line_count, net, tax, paid, closed, net + tax from invoice_summary_v1
        """;

    public static string Create(string table) =>
        $"""
        create table {table} (
            invoice_id uuid primary key, number text not null, customer text not null, issued_at timestamptz not null, line_count integer not null,
            net numeric not null, tax numeric not null, paid numeric not null, closed boolean not null, gross numeric not null)
        """;

    public static string Index(string table) =>
        $"create index on {table} (customer); create index on {table} (issued_at); create index on {table} (gross)";

    public override VersionFiles Files { get; } = new(
        "projections/GrossInvoices/V2",
        Create("invoice_summary_v2"),
        Index("invoice_summary_v2"),
        "drop table invoice_summary_v2",
        isSeeded ? "seeded" : "replayed")
    {
        SeedSql = isSeeded ? Fill("invoice_summary_v2") : null,
    };

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<InvoiceIssued>().ByStream().Creates((row, e) => (row.Number, row.Customer, row.IssuedAt) = (e.Data.Number, e.Data.Customer, e.Time));
        on.Event<LineAdded>().ByStream().Updates((row, e) => (row.LineCount, row.Net, row.Gross) = (row.LineCount + 1, row.Net + e.Data.Net, row.Gross + e.Data.Net), WhenMissing.Fail);
        on.Event<TaxApplied>().ByStream().Updates((row, e) => (row.Tax, row.Gross) = (e.Data.Amount, row.Gross - row.Tax + e.Data.Amount), WhenMissing.Fail);
        on.Event<PaymentReceived>().ByStream().Updates((row, e) => row.Paid += e.Data.Amount, WhenMissing.Fail);
        on.Event<InvoiceClosed>().ByStream().Updates((row, _) => row.Closed = true, WhenMissing.Fail);
        on.Event<InvoiceCancelled>().ByStream().Deletes(WhenMissing.Fail);
    }

    public sealed class Row
    {
        [Key]
        public Guid InvoiceId { get; set; }

        public string Number { get; set; } = "";

        public string Customer { get; set; } = "";

        public DateTime IssuedAt { get; set; }

        public int LineCount { get; set; }

        public decimal Net { get; set; }

        public decimal Tax { get; set; }

        public decimal Paid { get; set; }

        public bool Closed { get; set; }

        public decimal Gross { get; set; }
    }
}
