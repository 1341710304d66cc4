using Projections.EventStoreDb.TestServer.Log;

namespace Projections.EventStoreDb.TestServer;

/// <summary>
/// A server as others use it too: full of events that tests have not appended, of the types that they read, with links of
/// categories, and with statistics that the server writes all the time.
/// </summary>
public sealed class SharedServer : IAsyncDisposable
{
    private const int Foreign = 3_000;
    private static readonly TimeSpan BetweenStatistics = TimeSpan.FromMilliseconds(500);

    private readonly TestNode _node;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writing;

    private SharedServer(TestNode node)
    {
        _node = node;
        _writing = WriteStatisticsAsync(_stop.Token);
    }

    public string ConnectionString => _node.ConnectionString;

    public static async Task<SharedServer> StartAsync()
    {
        var log = new TestLog { WritesCategories = true };
        for (var n = 0; n < Foreign; n++)
        {
            // The streams and the types of the tests, with other contents; some can be decoded by nobody.
            log.Append($"invoice-{n % 7}", TestEvent.Json($"type-{n % 3}", "{}"), TestEvent.Json("a", "[]"));
            log.Append($"tally-{new Guid(n % 100, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1])}", TestEvent.Json("added", """{"amount":1000000}"""));
            log.Append($"invoice-{Guid.NewGuid()}", TestEvent.Json("invoice_issued", """{"number":"X","customer":"x","currency":"EUR","dueOn":"2026-01-01"}"""));
        }

        log.Append("tally-poison", new TestEvent("added", [0xFF]));
        log.Delete("invoice-3", forGood: true);
        return new SharedServer(await TestNode.StartAsync(log));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _node.DisposeAsync();
        _stop.Dispose();
    }

    private async Task WriteStatisticsAsync(CancellationToken stop)
    {
        while (true)
        {
            _node.Log.Append("$stats-127.0.0.1", TestEvent.Json("$statsCollected", """{"cpu":1}"""));
            await Task.Delay(BetweenStatistics, stop);
        }
    }
}
