using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;
using Projections.TestServers.Faults;
using Xunit.Abstractions;

namespace Projections.EndToEnd.Feeds;

/// <summary>A consumer in another language keeps a copy over HTTP, while workers, the consumer and the connections between them are killed around switches.</summary>
public sealed class FeedCrashTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private static readonly ProjectionRegistry Registry = ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly);
    private static readonly ProjectionName Invoices = new("invoice_summary");

    /// <summary>How many times reads are switched: a hundred take long.</summary>
    private static readonly int Switches = World.Setting("FEED_SWITCHES", 6);

    [PostgresFact(Node = true)]
    public async Task A_copy_over_HTTP_is_what_readers_see_after_switches_and_kills_on_both_sides()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(200);
        var system = await world.OpenAsync(Registry);
        var first = world.Start(system);
        await world.BuildAndSwitchAsync(system, "invoice_summary", 1);
        await world.BuildAsync(system, "invoice_summary", 2);
        await new StartFeedCommand { Projection = Invoices }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.StopAsync(first);
        using var stop = new CancellationTokenSource();
        var writing = KeepPayingAsync(world, stop.Token);
        var random = new Random(Environment.TickCount);
        await using var workers = new Workers(world);
        await workers.NextAsync();
        await using var copy = new NodeCopy(workers.Addresses);
        await copy.StartAsync();
        var (kills, cuts, deaths) = (0, 0, 0);
        for (var done = 0; done < Switches;)
        {
            var switching = SwitchAsync(system, (done % 2) + 1 == 1 ? 2 : 1);
            switch (random.Next(4))
            {
                case 0:
                    // The next is there already, waiting for the leases of the one that is killed.
                    await workers.NextAsync();
                    await Task.Delay(random.Next(500));
                    await workers.KillFirstAsync();
                    kills++;
                    break;
                case 1:
                    await Task.Delay(random.Next(500));
                    await copy.StartAsync();
                    deaths++;
                    break;
                default:
                    await Task.Delay(random.Next(500));
                    workers.Cut();
                    cuts++;
                    break;
            }

            done += await switching ? 1 : 0;
        }

        await stop.CancelAsync();
        await writing;
        await world.EventuallyAsync(
            "select coalesce((select position_major from projections.version where projection = 'invoice_summary' and role = 'live') >= (select max(seq_id) from events.mt_events), false)", true);
        await world.EventuallyAsync("select count(*) from projections.feed_entry where is_pending", 0L);
        var expected = Normal(await world.ColumnAsync("select to_json(t)::text from invoice_summary t"));
        var found = await copy.UntilAsync(rows => Normal(rows).SequenceEqual(expected));
        var entries = await world.Database.ScalarAsync<long>("select count(*) from projections.feed_entry where kind = 'rows'");
        entries.ShouldBeGreaterThan(0, "there was something in which the versions differ");
        var told = string.Create(CultureInfo.InvariantCulture, $"after {Switches} switches, {kills} killed workers, {deaths} killed consumers and {cuts} cut connections, with {expected.Count} rows");
        Normal(found).Except(expected).Take(5).ShouldBeEmpty($"what readers do not see, {told}; the consumer said: {copy.Said}");
        expected.Except(Normal(found)).Take(5).ShouldBeEmpty($"what the copy lacks, {told}; the consumer said: {copy.Said}");
        output.WriteLine($"Equal {told}.");
    }

    /// <returns>Whether it was done; what is in the way at this moment is no matter.</returns>
    private static async Task<bool> SwitchAsync(ProjectionSystem system, int version)
    {
        try
        {
            await World.SwitchAsync(system, "invoice_summary", version, new SwitchCommand { IgnoreOldSnapshots = true, Patience = TimeSpan.FromSeconds(5) });
            return true;
        }
        catch (Exception exception) when (exception is OperationRefused or SwitchRefused)
        {
            return false;
        }
    }

    private static async Task KeepPayingAsync(World world, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var invoice = new StreamId(Guid.NewGuid());
            await world.Store.AppendAsync(
                invoice,
                [
                    ("invoice_issued", """{"number":"N","customer":"ana","currency":"EUR","dueOn":"2026-01-01"}"""),
                    ("line_added", """{"line":1,"product":"paper","quantity":2,"unitPrice":3.50}"""),
                    ("payment_received", """{"amount":1.50,"method":"card","settledLines":[]}"""),
                ],
                cancellationToken: CancellationToken.None);
            await Task.Delay(20, CancellationToken.None);
            await world.Store.AppendAsync(invoice, [("payment_received", """{"amount":3.00,"method":"cash","settledLines":[]}""")], cancellationToken: CancellationToken.None);
        }
    }

    /// <summary>Rows as they compare, whoever wrote their JSON: 3.5 and 3.50 are one number.</summary>
    private static List<string> Normal(IEnumerable<string> rows)
    {
        var normal = rows.Select(row =>
        {
            using var document = JsonDocument.Parse(row);
            return string.Join(' ', document.RootElement.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).Select(member =>
                $"{member.Name}={(member.Value.ValueKind == JsonValueKind.Number ? member.Value.GetDecimal().ToString("0.#########", CultureInfo.InvariantCulture) : member.Value.ToString())}"));
        }).ToList();
        normal.Sort(StringComparer.Ordinal);
        return normal;
    }

    /// <summary>Programs that follow each other, each at one of two addresses.</summary>
    private sealed class Workers(World world) : IAsyncDisposable
    {
        private readonly Queue<WorkerProcess> _running = new();
        private readonly int[] _ports = [FreePort(), FreePort()];
        private FaultyProxy[]? _ways;
        private int _started;

        public string Addresses => string.Join(',', Ways.Select(way => $"http://127.0.0.1:{way.Port}/projections/invoice_summary/feed"));

        private FaultyProxy[] Ways => _ways ??= [.. _ports.Select(port => new FaultyProxy(port))];

        // Known before the program starts, as the consumer is told both addresses at once.
        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        public async Task NextAsync()
        {
            var next = WorkerProcess.Start(world, [("Http__Listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_ports[_started++ % 2]}"))], "run");
            _running.Enqueue(next);
            await next.SaysAsync(" follows ");
        }

        public async Task KillFirstAsync()
        {
            await using var first = _running.Dequeue();
            await first.KillAsync();
        }

        public void Cut()
        {
            foreach (var way in Ways)
            {
                way.Break();
            }
        }

        public async ValueTask DisposeAsync()
        {
            while (_running.TryDequeue(out var worker))
            {
                await worker.DisposeAsync();
            }

            foreach (var way in _ways ?? [])
            {
                await way.DisposeAsync();
            }
        }
    }

    /// <summary><c>docs/examples/feed-copy.mjs</c>.</summary>
    private sealed class NodeCopy(string addresses) : IAsyncDisposable
    {
        private static readonly string Script = Path.Combine(Repository.Folder, "docs", "examples", "feed-copy.mjs");

        private readonly string _folder = Directory.CreateTempSubdirectory("feed-copy-").FullName;
        private NodeProgram? _running;

        /// <summary>What the last of them said.</summary>
        public string Said => string.Join(Environment.NewLine, _running!.Said);

        private string Journal => Path.Combine(_folder, "copy.journal");

        /// <summary>Starts it; one that runs is killed.</summary>
        public async Task StartAsync()
        {
            await (_running?.DisposeAsync() ?? ValueTask.CompletedTask);
            _running = NodeProgram.Start(Script, addresses, Journal);
        }

        /// <summary>Waits until the copy is as it should be.</summary>
        /// <returns>How it is in the end.</returns>
        public async Task<IReadOnlyList<string>> UntilAsync(Func<IReadOnlyList<string>, bool> isRight)
        {
            var began = Stopwatch.StartNew();
            while (true)
            {
                var rows = await NodeProgram.RunAsync(Script, "--show", Journal);
                if (isRight(rows) || began.Elapsed > Deadline.Generous)
                {
                    return rows;
                }

                await Task.Delay(100);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await (_running?.DisposeAsync() ?? ValueTask.CompletedTask);
            Directory.Delete(_folder, recursive: true);
        }
    }
}
