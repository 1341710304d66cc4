using Npgsql;
using Projections.LocalPostgres;

namespace Projections.CommandLine.Demo;

/// <summary>
/// A private server for the read models, and with an event store full of events unless that is elsewhere. Gone, with
/// everything in it, when it is disposed.
/// </summary>
internal sealed class DemoStore : IAsyncDisposable
{
    private readonly LocalPostgresCluster _cluster;

    private DemoStore(LocalPostgresCluster cluster, string connectionString, IDemo demo, string? eventStoreDb)
    {
        _cluster = cluster;
        ConnectionString = connectionString;
        Sql = NpgsqlDataSource.Create(connectionString);
        Demo = demo;
        Events = eventStoreDb is null ? new MartenDemoEvents(Sql, connectionString, demo.Category) : new EventStoreDbDemoEvents(eventStoreDb, demo.Category);
    }

    /// <summary>What is shown.</summary>
    public IDemo Demo { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource Sql { get; }

    public IDemoEvents Events { get; }

    public int MajorVersion => _cluster.MajorVersion;

    /// <summary>Streams that have a row in every version.</summary>
    public IReadOnlyList<Guid> Streams { get; private set; } = [];

    /// <param name="demo">What is to be shown.</param>
    /// <param name="eventStoreDb">The connection string of an EventStoreDB to put the events into; <c>null</c>: Marten's tables
    /// beside the read models.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<DemoStore> StartAsync(IDemo demo, string? eventStoreDb, CancellationToken cancellationToken)
    {
        // Flushed to the disk as in earnest: the figures are to mean something.
        var cluster = await LocalPostgresCluster.StartAsync(new LocalPostgresOptions { Durable = true }, cancellationToken);
        try
        {
            var store = new DemoStore(cluster, await cluster.CreateDatabaseAsync("demo", cancellationToken), demo, eventStoreDb);
            await store.Events.CreateAsync(cancellationToken);
            return store;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts a history of about <paramref name="events"/> events into the store.</summary>
    /// <returns>How many there are.</returns>
    public async Task<long> FillAsync(int events, CancellationToken cancellationToken)
    {
        var streams = new List<Guid>();
        var count = await Events.SeedAsync(Demo.History(events, Events.Seed).Select(Noted), cancellationToken);
        Streams = streams;
        return count;

        DemoEvent Noted(DemoEvent e)
        {
            if (e.Number == 1)
            {
                streams.Add(e.Stream);
            }

            return e;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Events.DisposeAsync();
        await Sql.DisposeAsync();
        await _cluster.DisposeAsync();
    }
}
