using System.Text.Json;
using AcmeShop.ReadModels.Invoicing;
using Projections.CommandLine;

namespace AcmeShop.Demo;

/// <summary>What <c>dotnet run -- demo</c> shows. Delete it when your own events are there, or make it show your own.</summary>
internal sealed class InvoicingDemo : IDemo
{
    private const int EventsPerInvoice = 5;

    public string Projection => "invoice_summary";

    public string Change => "The table must change.";

    public string Category => "invoice";

    public string GrowingColumn => "net";

    public IEnumerable<DemoEvent> History(int events, int seed)
    {
        var random = new Random(seed);
        var time = new DateTime(2026, 1, 1, 8, 0, 0, DateTimeKind.Utc);
        for (var number = 1; number <= Math.Max(1, events / EventsPerInvoice); number++)
        {
            var invoice = NextGuid(random);
            var net = 0m;
            yield return Make(invoice, 1, "invoice_issued", new InvoiceIssued($"R-{seed}-{number}", $"customer-{random.Next(500)}"), time = time.AddSeconds(1));
            for (var line = 1; line <= EventsPerInvoice - 2; line++)
            {
                var added = new LineAdded("Bolt M8", random.Next(1, 20), random.Next(100, 10_000) / 100m);
                net += added.Quantity * added.UnitPrice;
                yield return Make(invoice, 1 + line, "line_added", added, time = time.AddSeconds(1));
            }

            yield return Make(invoice, EventsPerInvoice, "invoice_paid", new InvoicePaid(net), time = time.AddSeconds(1));
        }
    }

    public DemoEvent Watched(Guid stream, int number) => number == 1
        ? Make(stream, number, "invoice_issued", new InvoiceIssued("R-watched", "customer-0"), DateTime.UtcNow)
        : Make(stream, number, "line_added", new LineAdded("Bolt M8", 1, 0.10m), DateTime.UtcNow);

    private static DemoEvent Make<T>(Guid stream, int number, string type, T data, DateTime time) =>
        new(stream, number, type, JsonSerializer.SerializeToUtf8Bytes(data, InvoicingEvents.Json), time);

    private static Guid NextGuid(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
