using Npgsql;
using Projections.LocalPostgres;
using Projections.ReadModels.Invoicing;

namespace Projections.Host.Demo;

/// <summary>
/// A private server for the read models, and with an event store full of invoices unless that is elsewhere. Gone, with
/// everything in it, when it is disposed.
/// </summary>
internal sealed class DemoStore : IAsyncDisposable
{
    private const int EventsPerInvoice = 10;

    private readonly LocalPostgresCluster _cluster;

    private DemoStore(LocalPostgresCluster cluster, string connectionString, string? eventStoreDb)
    {
        _cluster = cluster;
        ConnectionString = connectionString;
        Sql = NpgsqlDataSource.Create(connectionString);
        Events = eventStoreDb is null ? new MartenDemoEvents(Sql, connectionString) : new EventStoreDbDemoEvents(eventStoreDb);
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Sql { get; }

    public IDemoEvents Events { get; }

    public int MajorVersion => _cluster.MajorVersion;

    /// <summary>Invoices that have a row in every version.</summary>
    public IReadOnlyList<Guid> Invoices { get; private set; } = [];

    /// <param name="eventStoreDb">The connection string of an EventStoreDB to put the events into; <c>null</c>: Marten's tables
    /// beside the read models.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<DemoStore> StartAsync(string? eventStoreDb, CancellationToken cancellationToken)
    {
        // Flushed to the disk as in earnest: the figures are to mean something.
        var cluster = await LocalPostgresCluster.StartAsync(new LocalPostgresOptions { Durable = true }, cancellationToken);
        try
        {
            var store = new DemoStore(cluster, await cluster.CreateDatabaseAsync("demo", cancellationToken), eventStoreDb);
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
        var invoices = new List<Guid>();
        var history = new InvoicingHistory(Math.Max(1, events / EventsPerInvoice)) { Seed = Events.Seed };
        var count = await Events.SeedAsync(history.Events().Select(Noted), cancellationToken);
        Invoices = invoices;
        return count;

        InvoicingEvent Noted(InvoicingEvent e)
        {
            if (e.StreamVersion == 1)
            {
                invoices.Add(e.Invoice);
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
