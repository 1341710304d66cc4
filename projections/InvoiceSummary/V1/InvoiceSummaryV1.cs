using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.ReadModels.InvoiceSummary.V1;

/// <summary>One row an invoice.</summary>
public sealed class InvoiceSummaryV1() : TableProjection<Guid, InvoiceSummaryV1.Row>("invoice_summary", 1, InvoicingEvents.Types)
{
    // An invoice of which lines are gone would have a wrong sum.
    public override StreamsWithoutBeginning WithoutBeginning => StreamsWithoutBeginning.Fail;

    protected override void Define(FoldDefinition<Guid, Row> on)
    {
        on.Event<InvoiceIssued>().ByStream().Creates((row, e) =>
        {
            row.Number = e.Data.Number;
            row.Customer = e.Data.Customer;
            row.IssuedAt = e.Time;
        });
        on.Event<LineAdded>().ByStream().Updates(
            (row, e) =>
            {
                row.LineCount++;
                row.Net += e.Data.Net;
            },
            WhenMissing.Fail);
        on.Event<TaxApplied>().ByStream().Updates((row, e) => row.Tax = e.Data.Amount, WhenMissing.Fail);
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
    }
}
