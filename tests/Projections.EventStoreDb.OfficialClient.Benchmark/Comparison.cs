using System.Diagnostics;
using System.Globalization;
using System.Text;
using EventStore.Client;
using Projections.Events;
using EventTypeFilter = EventStore.Client.EventTypeFilter;

namespace Projections.EventStoreDb.OfficialClient.Benchmark;

/// <summary>
/// Reads the same events from one server by our reader, by the vendor's client through our seam, and by the client alone: in turn, several times, all of
/// one type that the server filters by. Prints the middle of each, with what it took of the processor.
/// </summary>
internal sealed class Comparison(string connectionString, int events)
{
    private const int Rounds = 5;
    private const int AppendedAtOnce = 500;

    private readonly string _type = $"rate-{Guid.NewGuid():n}";

    public async Task RunAsync()
    {
        await using var ours = new GrpcEventLog(connectionString);
        await using var adapter = OfficialEventLog.Connect(connectionString);
        await using var client = new EventStoreClient(EventStoreClientSettings.Create(connectionString));
        var start = (await ours.FindEndAsync(CancellationToken.None)).Position;
        await AppendAsync();
        var end = (await ours.FindEndAsync(CancellationToken.None)).Position;
        Way[] ways =
        [
            new("our reader", () => CountAsync(ours, start, end)),
            new("the client through our seam", () => CountAsync(adapter, start, end)),
            new("the client alone", () => CountAsync(client, start)),
        ];

        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var way in ways)
            {
                // The first round compiles.
                await MeasureAsync(way, counts: round > 0);
            }
        }

        foreach (var way in ways)
        {
            Print(way);
        }
    }

    private async Task AppendAsync()
    {
        using var appender = new EventStoreAppender(connectionString);
        for (var n = 0; n < events; n += AppendedAtOnce)
        {
            var some = Enumerable.Range(n, Math.Min(AppendedAtOnce, events - n)).Select(i => new EventToAppend(_type, Body(i)));
            await appender.AppendAsync($"{_type}x{n / AppendedAtOnce % 97}", StreamState.Any, [.. some]);
        }
    }

    private static byte[] Body(int number) => Encoding.UTF8.GetBytes($$"""{"n":{{number}},"text":"{{new string('x', 90)}}"}""");

    private async Task MeasureAsync(Way way, bool counts)
    {
        GC.Collect();
        var began = Stopwatch.GetTimestamp();
        var before = Environment.CpuUsage.TotalTime;
        var count = await way.Read();
        var (seconds, processor) = (Stopwatch.GetElapsedTime(began).TotalSeconds, Environment.CpuUsage.TotalTime - before);
        if (count != events)
        {
            throw new InvalidOperationException($"{way.Name}: {count} events were read in place of {events}.");
        }

        if (counts)
        {
            way.Rates.Add(count / seconds);
            way.Processor.Add(processor.TotalMicroseconds / count);
        }
    }

    private async Task<long> CountAsync(IEventLog log, EventPosition start, EventPosition end)
    {
        long count = 0;
        await foreach (var batch in log.ReadAsync(start, end, EventFilter.OfTypes(_type), CancellationToken.None))
        {
            count += batch.Count;
            batch.Dispose();
        }

        return count;
    }

    private async Task<long> CountAsync(EventStoreClient client, EventPosition start)
    {
        var from = start == EventPosition.BeforeFirst ? Position.Start : new Position((ulong)start.Major, (ulong)start.Minor);
        long count = 0;
        await foreach (var _ in client.ReadAllAsync(Direction.Forwards, from, EventTypeFilter.Prefix(_type)))
        {
            count++;
        }

        return count;
    }

    private static void Print(Way way)
    {
        way.Rates.Sort();
        way.Processor.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{way.Name,-30} {way.Rates[Rounds / 2],10:N0} events/s ({way.Rates[0]:N0} to {way.Rates[^1]:N0}), {way.Processor[Rounds / 2]:0.00} µs of the processor each"));
    }

    private sealed record Way(string Name, Func<Task<long>> Read)
    {
        public List<double> Rates { get; } = [];

        public List<double> Processor { get; } = [];
    }
}
