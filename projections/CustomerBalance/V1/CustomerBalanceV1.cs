using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.ReadModels.CustomerBalance.V1;

/// <summary>What each customer was billed for so far, less what was credited: the complete example of the README.</summary>
public sealed class CustomerBalanceV1() : TableProjection<string, CustomerBalanceV1.Row>("customer_balance", 1, InvoicingEvents.Types)
{
    // A balance that lacks what a store no longer has is none.
    public override StreamsWithoutBeginning WithoutBeginning => StreamsWithoutBeginning.Fail;

    protected override void Define(FoldDefinition<string, Row> on)
    {
        on.Event<InvoiceClosed>().By(e => e.Data.Customer).Upserts((row, e) =>
        {
            row.Invoices++;
            row.Open += e.Data.Net + e.Data.Tax;
        });
        on.Event<CreditNoteIssued>().By(e => e.Data.Customer).Updates(
            (row, e) => row.Open -= e.Data.Lines.Sum(line => line.Net), WhenMissing.Skip);
    }

    public sealed class Row
    {
        [Key] public string Customer { get; set; } = "";
        public int Invoices { get; set; }
        public decimal Open { get; set; }
    }
}
