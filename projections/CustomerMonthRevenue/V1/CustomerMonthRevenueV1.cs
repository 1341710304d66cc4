using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.ReadModels.CustomerMonthRevenue.V1;

/// <summary>What each customer brought in each month: a row a value in the event, made when it is first needed.</summary>
public sealed class CustomerMonthRevenueV1()
    : TableProjection<CustomerMonth, CustomerMonthRevenueV1.Row>("customer_month_revenue", 1, InvoicingEvents.Types)
{
    // What counts is how an invoice ended, and that is what a store keeps longest.
    public override StreamsWithoutBeginning WithoutBeginning => StreamsWithoutBeginning.Fold;

    protected override void Define(FoldDefinition<CustomerMonth, Row> on)
    {
        on.Event<InvoiceClosed>().By(e => CustomerMonth.Of(e.Data.Customer, e.Time)).Upserts((row, e) =>
        {
            row.Invoices++;
            row.Net += e.Data.Net;
            row.Tax += e.Data.Tax;
            row.LastInvoiceAt = e.Time;
        });
        on.Event<CreditNoteIssued>().By(e => CustomerMonth.Of(e.Data.Customer, e.Time)).Upserts((row, e) =>
        {
            row.CreditNotes++;
            foreach (var line in e.Data.Lines)
            {
                row.Net -= line.Net;
            }
        });
    }

    public sealed class Row
    {
        [Key]
        public string Customer { get; set; } = "";

        [Key]
        public DateOnly Month { get; set; }

        public int Invoices { get; set; }

        public int CreditNotes { get; set; }

        public decimal Net { get; set; }

        public decimal Tax { get; set; }

        public DateTime? LastInvoiceAt { get; set; }
    }
}
