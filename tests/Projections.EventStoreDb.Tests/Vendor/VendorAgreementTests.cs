using System.Text;
using System.Text.Json.Nodes;
using Projections.Events;
using Projections.EventStoreDb.Testing;
using Projections.TestServers;

namespace Projections.EventStoreDb.Tests.Vendor;

/// <summary>
/// The vendor's clients and our reader look at the same server and must see the same: so neither our reader nor our server is
/// judged by the other alone.
/// </summary>
public sealed class VendorAgreementTests
{
    [VendorTheory]
    [EachClient]
    [EachClientOnRealServer]
    public async Task What_the_vendors_client_writes_both_sides_read_alike_event_by_event(string package, StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);

        var written = await VendorClients.RunAsync(package, store, "write");
        var theirs = await TheirsAsync(package, store, "read");
        var ours = await EverythingAsync(store);

        written.ShouldContain(line => line.Contains("wrong-expected-version"));
        theirs.Count.ShouldBeGreaterThan(80);
        ShouldAgree(ours, theirs);
        ours.ShouldContain(seen => seen.Type == "$metadata");
        ours.ShouldContain(seen => seen.Type == "$streamDeleted");
        ours.Single(seen => seen.Type == store.Named("large")).Data.Length.ShouldBeGreaterThan(900_000);
        ours.Where(seen => seen.Type == store.Named("scanned")).ShouldAllBe(seen => seen.Data == "000102FF");
    }

    [VendorTheory]
    [EachClient]
    [EachClientOnRealServer]
    public async Task What_we_append_the_vendors_client_reads(string package, StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        using var appender = new EventStoreAppender(store.ConnectionString);
        var stream = store.Named("invoice-1");
        var metadata = Encoding.UTF8.GetBytes("""{"$correlationId":"c"}""");
        await appender.AppendAsync(
            stream,
            StreamState.NoStream,
            [
                new EventToAppend("issued", Encoding.UTF8.GetBytes("""{"text":"żółć"}""")) { Metadata = metadata },
                new EventToAppend("scanned", new byte[] { 1, 2 }) { ContentType = "application/octet-stream" },
            ]);
        await appender.AppendAsync(stream, StreamState.At(1), [new EventToAppend("paid", "{}"u8.ToArray())]);

        var theirs = await TheirsAsync(package, store, "readStream", stream, "false");

        theirs.Select(seen => (seen.Stream, seen.Revision, seen.Type, seen.Data, seen.Metadata)).ShouldBe(
        [
            (stream, 0, "issued", JsonNode.Parse("""{"text":"żółć"}""")!.ToJsonString(), """{"$correlationId":"c"}"""),
            (stream, 1, "scanned", "0102", ""),
            (stream, 2, "paid", "{}", ""),
        ]);
    }

    [VendorTheory]
    [EachClient("type", 2, From = StoreKind.TestServer23)]
    [EachClient("stream", 3, From = StoreKind.TestServer23)]
    [EachClientOnRealServer("type", 2)]
    [EachClientOnRealServer("stream", 3)]
    public async Task Filtered_subscriptions_bring_both_sides_the_same_also_what_comes_while_they_run(string package, StoreKind kind, string by, int more)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await VendorClients.RunAsync(package, store, "write");
        var (issued, paid, order) = (store.Named("issued"), store.Named("paid"), store.Named("order"));
        var (filter, regex) = by == "type" ? (EventFilter.OfTypes(issued, paid), $"^({issued}|{paid})$") : (new EventFilter(null, order), $"^{order}-");
        var before = (await OursAsync(store, filter, searching: true)).Count;

        using var subscriber = VendorClients.Start(package, store, "subscribe", by, regex, $"{before + more}");
        var lines = new List<string>();
        while (await subscriber.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Generous) is { } line)
        {
            lines.Add(line);
            if (line.Contains("caughtUp"))
            {
                await store.AppendAsync("order-new", ReadingTools.Event(paid, "{}"), ReadingTools.Event("other", "{}"));
                await store.AppendAsync("order-new", issued, "{}");
            }
        }

        await subscriber.WaitForExitAsync();
        var theirs = lines.Where(line => line.Contains("\"stream\"")).Select(line => VendorEvent.Parse(line)!).ToList();

        // Ours come from the same log by the other ways.
        var read = await OursAsync(store, filter, searching: false);
        var searched = await OursAsync(store, filter, searching: true);
        searched.ShouldBe(read);
        read.Count.ShouldBe(before + more);
        ShouldAgree(read, theirs);
        lines.ShouldContain(line => line.Contains("checkpoint"));
    }

    [VendorTheory]
    [OnTestServer]
    [OnRealServer]
    public async Task Filtered_reads_bring_both_sides_the_same(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await VendorClients.RunAsync(VendorClients.Kurrent, store, "write");
        var paid = store.Named("paid");

        var theirs = await TheirsAsync(VendorClients.Kurrent, store, "readFiltered", $"^{paid}$");

        ShouldAgree(await OursAsync(store, EventFilter.OfTypes(paid), searching: false), theirs);
    }

    [VendorTheory]
    [EachClient]
    [EachClientOnRealServer]
    public async Task Links_of_a_category_are_resolved_alike_and_what_is_gone_is_passed_over(string package, StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await VendorClients.RunAsync(package, store, "write");
        // The links are a projection's, some time after the events; this one is the last.
        await store.AppendAsync("invoice-last", "last", "{}");
        var options = new EventStoreDbSourceOptions { Target = LogTarget.OfCategory(store.Named("invoice")) };
        await LinkedAsync(store, options);

        var lines = await VendorClients.RunAsync(package, store, "readStream", $"$ce-{store.Named("invoice")}", "true");
        var theirs = lines.Select(line => VendorEvent.Parse(line, byRevision: true)).OfType<VendorEvent>().ToList();
        var ours = await OursAsync(store, EventFilter.All, searching: false, options);

        ours.Count.ShouldBeInRange(40, 60);
        ShouldAgree(ours, [.. theirs.Where(seen => seen.Type[0] != '$')]);
        ours.ShouldAllBe(seen => seen.Stream.StartsWith(store.Named("invoice-")));
        ours.ShouldNotContain(seen => seen.Stream == store.Named("invoice-5"));
    }

    private static async Task LinkedAsync(StoreUnderTest store, EventStoreDbSourceOptions options)
    {
        await using var source = await store.OpenSourceAsync(options);
        var seen = EventPosition.BeforeFirst;
        while (!(await source.ReadAllAsync()).Any(one => one.Type == "last"))
        {
            seen = await source.MovedAsync(seen).WaitAsync(Deadline.Generous);
        }
    }

    // Links come in their own time, perhaps between two readings.
    private static bool IsOurs(StoreUnderTest store, VendorEvent seen) => store.Owns(new StreamId(seen.Stream)) && seen.Type is not ("$>" or "$@");

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

    private static async Task<List<VendorEvent>> TheirsAsync(string package, StoreUnderTest store, string verb, params string[] arguments)
    {
        var lines = await VendorClients.RunAsync(package, store, verb, arguments);
        return [.. lines.Select(line => VendorEvent.Parse(line)!).Where(seen => IsOurs(store, seen))];
    }

    private static async Task<List<VendorEvent>> EverythingAsync(StoreUnderTest store)
    {
        await using var log = new GrpcEventLog(store.ConnectionString);
        var events = await log.ReadFirstAsync(store.Start, 1_000_000, CancellationToken.None);
        return [.. events.Select(recorded => VendorEvent.Of(recorded)).Where(seen => IsOurs(store, seen))];
    }

    private static async Task<List<VendorEvent>> OursAsync(StoreUnderTest store, EventFilter filter, bool searching, EventStoreDbSourceOptions? options = null)
    {
        await using var log = new GrpcEventLog(store.ConnectionString, options);
        var end = await log.FindEndAsync(CancellationToken.None);
        var start = options is null ? store.Start : EventPosition.BeforeFirst;
        var batches = searching
            ? log.SearchAsync(start, end.Position, filter, CancellationToken.None)
            : log.ReadAsync(start, end.Position, filter, CancellationToken.None);
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
