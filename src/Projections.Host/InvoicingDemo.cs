using System.Text.Json;
using Projections.CommandLine;
using Projections.ReadModels.Invoicing;

namespace Projections.Host;

/// <summary>The demo of this repository's read models: invoices, whose summary gets a second version.</summary>
internal sealed class InvoicingDemo : IDemo
{
    private const int EventsPerInvoice = 10;

    public string Projection => "invoice_summary";

    public string Change => "The table must change: tax and paid to the cent, a status for closed, a due date.";

    public string Category => "invoice";

    public string GrowingColumn => "net";

    public IEnumerable<DemoEvent> History(int events, int seed)
    {
        var invoices = Math.Max(1, events / EventsPerInvoice);
        return new InvoicingHistory(invoices) { Seed = seed, OpenAtOnce = Math.Clamp(invoices / 20, 50, 5_000) }.Events()
            .Select(e => new DemoEvent(e.Invoice, e.StreamVersion, e.Type, e.Data, e.Time));
    }

    public DemoEvent Watched(Guid stream, int number) => number == 1
        ? Make(stream, number, InvoicingEvents.InvoiceIssued, JsonSerializer.SerializeToUtf8Bytes(
            new InvoiceIssued("R-watched", "customer-0000", "EUR", new DateOnly(2030, 1, 1)), InvoicingJson.Default.InvoiceIssued))
        : Make(stream, number, InvoicingEvents.LineAdded, JsonSerializer.SerializeToUtf8Bytes(
            new LineAdded(number - 1, "Bolt M8", 1, 0.10m), InvoicingJson.Default.LineAdded));

    private static DemoEvent Make(Guid stream, int number, string type, byte[] data) => new(stream, number, type, data, DateTime.UtcNow);
}
