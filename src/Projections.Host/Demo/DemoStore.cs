using System.Text;
using Npgsql;
using Projections.Events;
using Projections.LocalPostgres;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.Invoicing;

namespace Projections.Host.Demo;

/// <summary>A private server with an event store full of invoices. Gone, with everything in it, when it is disposed.</summary>
internal sealed class DemoStore : IAsyncDisposable
{
    private const int EventsPerInvoice = 10;

    private readonly LocalPostgresCluster _cluster;

    private DemoStore(LocalPostgresCluster cluster, string connectionString)
    {
        _cluster = cluster;
        ConnectionString = connectionString;
        Sql = NpgsqlDataSource.Create(connectionString);
        Events = new MartenEventTable(Sql);
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Sql { get; }

    public MartenEventTable Events { get; }

    public int MajorVersion => _cluster.MajorVersion;

    /// <summary>Invoices that have a row in every version.</summary>
    public IReadOnlyList<Guid> Invoices { get; private set; } = [];

    public static async Task<DemoStore> StartAsync(CancellationToken cancellationToken)
    {
        // Flushed to the disk as in earnest: the figures are to mean something.
        var cluster = await LocalPostgresCluster.StartAsync(new LocalPostgresOptions { Durable = true }, cancellationToken);
        try
        {
            var store = new DemoStore(cluster, await cluster.CreateDatabaseAsync("demo", cancellationToken));
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
        var history = new InvoicingHistory(Math.Max(1, events / EventsPerInvoice));
        var count = await Events.SeedAsync(history.Events().Select(Stored), "invoice", cancellationToken);
        Invoices = invoices;
        return count;

        MartenEvent Stored(InvoicingEvent e)
        {
            if (e.StreamVersion == 1)
            {
                invoices.Add(e.Invoice);
            }

            return new MartenEvent(new StreamId(e.Invoice), e.StreamVersion, e.Type, Encoding.UTF8.GetString(e.Data), e.Time);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Sql.DisposeAsync();
        await _cluster.DisposeAsync();
    }
}
