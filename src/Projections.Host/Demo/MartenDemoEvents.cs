using System.Text;
using Npgsql;
using Projections.Events;
using Projections.Host.Configuration;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.Invoicing;

namespace Projections.Host.Demo;

/// <summary>Marten's tables in the demo's own database.</summary>
internal sealed class MartenDemoEvents(NpgsqlDataSource sql, string connectionString) : IDemoEvents
{
    private const string Category = "invoice";

    private readonly MartenEventTable _table = new(sql);

    public EventStoreOptions Settings { get; } = new();

    public string ConnectionString => connectionString;

    public int Seed => 1;

    public Task CreateAsync(CancellationToken cancellationToken) => _table.CreateAsync(cancellationToken);

    public Task<long> SeedAsync(IEnumerable<InvoicingEvent> history, CancellationToken cancellationToken) =>
        _table.SeedAsync(
            history.Select(e => new MartenEvent(new StreamId(e.Invoice), e.StreamVersion, e.Type, Encoding.UTF8.GetString(e.Data), e.Time)),
            Category,
            cancellationToken);

    public Task AppendAsync(Guid invoice, string type, byte[] data, CancellationToken cancellationToken) =>
        _table.AppendAsync(new StreamId(invoice), [(type, Encoding.UTF8.GetString(data))], Category, cancellationToken: cancellationToken);

    // The data source is the demo's.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
