using Projections.EventStoreDb;
using Projections.Host.Configuration;
using Projections.ReadModels.Invoicing;

namespace Projections.Host.Demo;

/// <summary>Streams of an EventStoreDB or KurrentDB that runs already. What the demo appends stays there.</summary>
internal sealed class EventStoreDbDemoEvents(string connectionString) : IDemoEvents
{
    // Each append waits for the server's disk; several of them wait together.
    private const int AppendsAtOnce = 32;

    private readonly EventStoreAppender _appender = new(connectionString);

    public EventStoreOptions Settings { get; } = new() { Kind = EventStoreKind.EventStoreDb, StreamsAreUuids = true };

    public string ConnectionString => connectionString;

    public int Seed { get; } = Random.Shared.Next(1, int.MaxValue - 1);

    public Task CreateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<long> SeedAsync(IEnumerable<InvoicingEvent> history, CancellationToken cancellationToken)
    {
        long count = 0;
        var invoices = history.GroupBy(e => e.Invoice);
        await Parallel.ForEachAsync(
            invoices,
            new ParallelOptions { MaxDegreeOfParallelism = AppendsAtOnce, CancellationToken = cancellationToken },
            async (invoice, stop) =>
            {
                var events = invoice.Select(e => new EventToAppend(e.Type, e.Data)).ToList();
                await _appender.AppendAsync(StreamOf(invoice.Key), StreamState.NoStream, events, stop);
                Interlocked.Add(ref count, events.Count);
            });
        return count;
    }

    public async Task AppendAsync(Guid invoice, string type, byte[] data, CancellationToken cancellationToken) =>
        await _appender.AppendAsync(StreamOf(invoice), StreamState.Any, [new EventToAppend(type, data)], cancellationToken);

    public ValueTask DisposeAsync()
    {
        _appender.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string StreamOf(Guid invoice) => $"invoice-{invoice}";
}
