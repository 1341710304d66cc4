using System.Text;
using Npgsql;
using Projections.Events;
using Projections.Hosting.Configuration;
using Projections.PostgresEvents.Marten;

namespace Projections.CommandLine.Demo;

/// <summary>Marten's tables in the demo's own database.</summary>
internal sealed class MartenDemoEvents(NpgsqlDataSource sql, string connectionString, string category) : IDemoEvents
{
    private readonly MartenEventTable _table = new(sql);

    public EventStoreOptions Settings { get; } = new();

    public string ConnectionString => connectionString;

    public int Seed => 1;

    public Task CreateAsync(CancellationToken cancellationToken) => _table.CreateAsync(cancellationToken);

    public Task<long> SeedAsync(IEnumerable<DemoEvent> history, CancellationToken cancellationToken) =>
        _table.SeedAsync(
            history.Select(e => new MartenEvent(new StreamId(e.Stream), e.Number, e.Type, Encoding.UTF8.GetString(e.Data), e.Time)),
            category,
            cancellationToken);

    public Task AppendAsync(DemoEvent e, CancellationToken cancellationToken) =>
        _table.AppendAsync(new StreamId(e.Stream), [(e.Type, Encoding.UTF8.GetString(e.Data))], category, cancellationToken: cancellationToken);

    // The data source is the demo's.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
