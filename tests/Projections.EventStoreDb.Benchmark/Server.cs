using System.Globalization;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Log;
using Projections.ReadModels.Invoicing;

namespace Projections.EventStoreDb.Benchmark;

/// <summary>The test server with a history of invoices, until its input ends.</summary>
internal static class Server
{
    private const int EventsPerInvoice = 10;

    public static async Task RunAsync(int events)
    {
        var log = new TestLog();
        long bytes = 0;
        foreach (var e in new InvoicingHistory(Math.Max(1, events / EventsPerInvoice)).Events())
        {
            var record = log.Append($"invoice-{e.Invoice}", new TestEvent(e.Type, e.Data));
            // Encoded before anybody measures, in both forms that readers ask for.
            bytes += record.Frame(withTextId: false).Length;
            record.Frame(withTextId: true);
        }

        await using var node = await TestNode.StartAsync(log);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{node.Port} {log.Count} {bytes}"));
        await Console.In.ReadToEndAsync();
    }
}
