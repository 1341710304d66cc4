using Projections.EventStoreDb;
using Projections.Hosting.Configuration;

namespace Projections.CommandLine.Demo;

/// <summary>Streams of an EventStoreDB or KurrentDB that runs already. What the demo appends stays there.</summary>
internal sealed class EventStoreDbDemoEvents(string connectionString, string category) : IDemoEvents
{
    // Each append waits for the server's disk; several of them wait together.
    private const int AppendsAtOnce = 32;

    private readonly EventStoreAppender _appender = new(connectionString);

    public EventStoreOptions Settings { get; } = new() { Kind = EventStoreKind.EventStoreDb, StreamsAreUuids = true };

    public string ConnectionString => connectionString;

    public int Seed { get; } = Random.Shared.Next(1, int.MaxValue - 1);

    public Task CreateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<long> SeedAsync(IEnumerable<DemoEvent> history, CancellationToken cancellationToken)
    {
        long count = 0;
        var streams = history.GroupBy(e => e.Stream);
        await Parallel.ForEachAsync(
            streams,
            new ParallelOptions { MaxDegreeOfParallelism = AppendsAtOnce, CancellationToken = cancellationToken },
            async (stream, stop) =>
            {
                var events = stream.Select(e => new EventToAppend(e.Type, e.Data)).ToList();
                await _appender.AppendAsync(StreamOf(stream.Key), StreamState.NoStream, events, stop);
                Interlocked.Add(ref count, events.Count);
            });
        return count;
    }

    public async Task AppendAsync(DemoEvent e, CancellationToken cancellationToken) =>
        await _appender.AppendAsync(StreamOf(e.Stream), StreamState.Any, [new EventToAppend(e.Type, e.Data)], cancellationToken);

    public ValueTask DisposeAsync()
    {
        _appender.Dispose();
        return ValueTask.CompletedTask;
    }

    private string StreamOf(Guid stream) => $"{category}-{stream}";
}
