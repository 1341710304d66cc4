using System.ComponentModel.DataAnnotations;
using Projections.Definitions;
using Projections.Events;
using Projections.ReadModels.Invoicing;
using Projections.Tables;

namespace Projections.ReadModels.OpenItems.V1;

/// <summary>The lines that nobody has paid yet: a payment or a cancellation takes away several at once.</summary>
public sealed class OpenItemsV1() : TableProjection<OpenItem, OpenItemsV1.Row>("open_items", 1, InvoicingEvents.Types)
{
    // An invoice whose lines are gone was paid long ago: nobody waits for them.
    public override StreamsWithoutBeginning WithoutBeginning => StreamsWithoutBeginning.Skip;

    protected override void Define(FoldDefinition<OpenItem, Row> on)
    {
        on.Event<LineAdded>().By(e => new OpenItem(e.Stream.Guid, e.Data.Line)).Creates((row, e) =>
        {
            row.Product = e.Data.Product;
            row.Net = e.Data.Net;
            row.Since = e.Time;
        });
        on.Event<PaymentReceived>()
            .ByEach(e => e.Data.SettledLines, (e, line) => new OpenItem(e.Stream.Guid, line))
            .Deletes(WhenMissing.Fail);
        on.Event<InvoiceCancelled>()
            .ByEach(e => e.Data.Lines, (e, line) => new OpenItem(e.Stream.Guid, line))
            .Deletes(WhenMissing.Fail);
        on.Event<CreditNoteIssued>()
            .ByEach(e => e.Data.Lines, (e, line) => new OpenItem(e.Stream.Guid, line.Line))
            .Updates((row, _, line) => row.Net -= line.Net, WhenMissing.Skip)
            .DeletesWhen(row => row.Net <= 0);
    }

    /// <summary>All that happens to a line stands in its invoice's stream, so a line can be explained and repaired by itself.</summary>
    protected override StreamId? StreamOf(OpenItem key) => new StreamId(key.InvoiceId);

    public sealed class Row
    {
        [Key]
        public Guid InvoiceId { get; set; }

        [Key]
        public int Line { get; set; }

        public string Product { get; set; } = "";

        public decimal Net { get; set; }

        public DateTime Since { get; set; }
    }
}
