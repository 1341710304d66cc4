using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Projections.Events;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.Invoicing;

namespace Projections.EventStoreDb.Benchmark;

/// <summary>
/// The floor of a rebuild: what our reader gives, decoded and folded as <c>invoice_summary</c> v1 does it, into a dictionary. It writes
/// nothing and keeps none of a rebuild's promises.
/// </summary>
internal sealed class FoldingReader
{
    private readonly Dictionary<Guid, InvoiceSummaryV1.Row> _rows = [];
    private long _count;

    private static InvoicingJson Json => InvoicingJson.Default;

    public static async Task<long> RunAsync(IEventSource source, IReadOnlyCollection<string> types)
    {
        var folding = new FoldingReader();
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        var batches = source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.OfTypes(types), CancellationToken.None);
        await foreach (var batch in batches)
        {
            using (batch)
            {
                folding.Fold(batch.Events);
            }
        }

        return folding._count;
    }

    private void Fold(ReadOnlySpan<RecordedEvent> events)
    {
        foreach (ref readonly var e in events)
        {
            _count++;
            var stream = e.Stream.Guid;
            switch (e.Type)
            {
                case InvoicingEvents.InvoiceIssued:
                    var issued = Decode(e, Json.InvoiceIssued);
                    _rows.Add(stream, new InvoiceSummaryV1.Row { InvoiceId = stream, Number = issued.Number, Customer = issued.Customer, IssuedAt = e.Time });
                    break;
                case InvoicingEvents.LineAdded:
                    var row = _rows[stream];
                    row.LineCount++;
                    row.Net += Decode(e, Json.LineAdded).Net;
                    break;
                case InvoicingEvents.TaxApplied:
                    _rows[stream].Tax = Decode(e, Json.TaxApplied).Amount;
                    break;
                case InvoicingEvents.PaymentReceived:
                    _rows[stream].Paid += Decode(e, Json.PaymentReceived).Amount;
                    break;
                case InvoicingEvents.InvoiceClosed:
                    Decode(e, Json.InvoiceClosed);
                    _rows[stream].Closed = true;
                    break;
            }
        }
    }

    private static T Decode<T>(in RecordedEvent e, JsonTypeInfo<T> shape) => JsonSerializer.Deserialize(e.Data.Span, shape)!;
}
