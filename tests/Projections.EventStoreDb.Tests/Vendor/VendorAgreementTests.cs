using System.Text;
using System.Text.Json.Nodes;
using Projections.Events;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Log;

namespace Projections.EventStoreDb.Tests.Vendor;

/// <summary>
/// The vendor's clients and our reader look at the same test server and must see the same: so neither our reader nor our server is
/// judged by the other alone.
/// </summary>
public sealed class VendorAgreementTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [VendorTheory]
    [InlineData(VendorClients.EventStore)]
    [InlineData(VendorClients.Kurrent)]
    public async Task What_the_vendors_client_writes_both_sides_read_alike_event_by_event(string package)
    {
        await using var node = await TestNode.StartAsync();

        var written = await VendorClients.RunAsync(package, node.ConnectionString, "write");
        var theirs = await TheirsAsync(package, node, "read");
        var ours = await EverythingAsync(node);

        written.ShouldContain(line => line.Contains("wrong-expected-version"));
        theirs.Count.ShouldBeGreaterThan(80);
        ShouldAgree(ours, theirs);
        ours.ShouldContain(seen => seen.Type == "$metadata");
        ours.ShouldContain(seen => seen.Type == "$streamDeleted");
        ours.Single(seen => seen.Type == "large").Data.Length.ShouldBeGreaterThan(900_000);
        ours.Where(seen => seen.Type == "scanned").ShouldAllBe(seen => seen.Data == "000102FF");
    }

    [VendorTheory]
    [InlineData(VendorClients.EventStore)]
    [InlineData(VendorClients.Kurrent)]
    public async Task What_we_append_the_vendors_client_reads(string package)
    {
        await using var node = await TestNode.StartAsync();
        using var appender = new EventStoreAppender(node.ConnectionString);
        var metadata = Encoding.UTF8.GetBytes("""{"$correlationId":"c"}""");
        await appender.AppendAsync(
            "invoice-1",
            StreamState.NoStream,
            [
                new EventToAppend("issued", Encoding.UTF8.GetBytes("""{"text":"żółć"}""")) { Metadata = metadata },
                new EventToAppend("scanned", new byte[] { 1, 2 }) { ContentType = "application/octet-stream" },
            ]);
        await appender.AppendAsync("invoice-1", StreamState.At(1), [new EventToAppend("paid", "{}"u8.ToArray())]);

        var theirs = await TheirsAsync(package, node, "readStream", "invoice-1", "false");

        theirs.Select(seen => (seen.Stream, seen.Revision, seen.Type, seen.Data, seen.Metadata)).ShouldBe(
        [
            ("invoice-1", 0, "issued", JsonNode.Parse("""{"text":"żółć"}""")!.ToJsonString(), """{"$correlationId":"c"}"""),
            ("invoice-1", 1, "scanned", "0102", ""),
            ("invoice-1", 2, "paid", "{}", ""),
        ]);
    }

    [VendorTheory]
    [InlineData(VendorClients.EventStore, "type", "^(issued|paid)$", 2)]
    [InlineData(VendorClients.Kurrent, "type", "^(issued|paid)$", 2)]
    [InlineData(VendorClients.EventStore, "stream", "^order-", 3)]
    [InlineData(VendorClients.Kurrent, "stream", "^order-", 3)]
    public async Task Filtered_subscriptions_bring_both_sides_the_same_also_what_comes_while_they_run(string package, string kind, string regex, int more)
    {
        await using var node = await TestNode.StartAsync();
        await VendorClients.RunAsync(package, node.ConnectionString, "write");
        var filter = kind == "type" ? EventFilter.OfTypes("issued", "paid") : new EventFilter(null, "order");
        var before = (await OursAsync(node, filter, searching: true)).Count;

        using var subscriber = VendorClients.Start(package, node.ConnectionString, "subscribe", kind, regex, $"{before + more}");
        var lines = new List<string>();
        while (await subscriber.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            lines.Add(line);
            if (line.Contains("caughtUp"))
            {
                node.Log.Append("order-new", TestEvent.Json("paid", "{}"), TestEvent.Json("other", "{}"));
                node.Log.Append("order-new", TestEvent.Json("issued", "{}"));
            }
        }

        await subscriber.WaitForExitAsync();
        var theirs = lines.Where(line => line.Contains("\"stream\"")).Select(line => VendorEvent.Parse(line)!).ToList();

        // Ours come from the same log by the other ways.
        var read = await OursAsync(node, filter, searching: false);
        var searched = await OursAsync(node, filter, searching: true);
        searched.ShouldBe(read);
        read.Count.ShouldBe(before + more);
        ShouldAgree(read, theirs);
        lines.ShouldContain(line => line.Contains("checkpoint"));
    }

    [VendorTheory]
    [InlineData(VendorClients.Kurrent)]
    public async Task Filtered_reads_bring_both_sides_the_same(string package)
    {
        await using var node = await TestNode.StartAsync();
        await VendorClients.RunAsync(package, node.ConnectionString, "write");

        var theirs = await TheirsAsync(package, node, "readFiltered", "^paid$");

        ShouldAgree(await OursAsync(node, EventFilter.OfTypes("paid"), searching: false), theirs);
    }

    [VendorTheory]
    [InlineData(VendorClients.EventStore)]
    [InlineData(VendorClients.Kurrent)]
    public async Task Links_of_a_category_are_resolved_alike_and_what_is_gone_is_passed_over(string package)
    {
        await using var node = await TestNode.StartAsync(new TestLog { WritesCategories = true });
        await VendorClients.RunAsync(package, node.ConnectionString, "write");
        node.Log.Scavenge();

        var lines = await VendorClients.RunAsync(package, node.ConnectionString, "readStream", "$ce-invoice", "true");
        var theirs = lines.Select(line => VendorEvent.Parse(line, byRevision: true)).OfType<VendorEvent>().ToList();
        var options = new EventStoreDbSourceOptions { Target = LogTarget.OfCategory("invoice") };
        var ours = await OursAsync(node, EventFilter.All, searching: false, options);

        ours.Count.ShouldBeInRange(40, 59);
        ShouldAgree(ours, [.. theirs.Where(seen => seen.Type[0] != '$')]);
        ours.ShouldAllBe(seen => seen.Stream.StartsWith("invoice-"));
        ours.ShouldNotContain(seen => seen.Stream == "invoice-5");
    }

    private static void ShouldAgree(List<VendorEvent> ours, List<VendorEvent> theirs)
    {
        for (var index = 0; index < Math.Min(ours.Count, theirs.Count); index++)
        {
            // One of the vendor's clients gives times in whole seconds.
            (ours[index] with { Milliseconds = ours[index].Milliseconds / 1000 })
                .ShouldBe(theirs[index] with { Milliseconds = theirs[index].Milliseconds / 1000 });
        }

        ours.Count.ShouldBe(theirs.Count);
    }

    private static async Task<List<VendorEvent>> TheirsAsync(string package, TestNode node, string verb, params string[] arguments)
    {
        var lines = await VendorClients.RunAsync(package, node.ConnectionString, verb, arguments);
        return [.. lines.Select(line => VendorEvent.Parse(line)!)];
    }

    private static async Task<List<VendorEvent>> EverythingAsync(TestNode node)
    {
        await using var log = new GrpcEventLog(node.ConnectionString);
        var events = await log.ReadFirstAsync(EventPosition.BeforeFirst, 1_000_000, CancellationToken.None);
        return [.. events.Select(recorded => VendorEvent.Of(recorded))];
    }

    private static async Task<List<VendorEvent>> OursAsync(TestNode node, EventFilter filter, bool searching, EventStoreDbSourceOptions? options = null)
    {
        await using var log = new GrpcEventLog(node.ConnectionString, options);
        var end = await log.FindEndAsync(CancellationToken.None);
        var batches = searching
            ? log.SearchAsync(EventPosition.BeforeFirst, end.Position, filter, CancellationToken.None)
            : log.ReadAsync(EventPosition.BeforeFirst, end.Position, filter, CancellationToken.None);
        var events = new List<VendorEvent>();
        await foreach (var batch in batches)
        {
            using (batch)
            {
                events.AddRange(batch.Memory.ToArray().Select(recorded => VendorEvent.Of(recorded)));
            }
        }

        return events;
    }
}
