using System.Text;
using Npgsql;
using Projections.Events;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.Invoicing;

namespace Projections.Benchmarks.Store;

/// <summary>A database with a store, and room for read models; dropped when it is disposed.</summary>
internal sealed class BenchmarkDatabase(string connectionString, Func<Task> drop) : IAsyncDisposable
{
    public const string EventSchema = "events";

    public const string EventTable = "events.mt_events";

    public string ConnectionString { get; } = connectionString;

    public NpgsqlDataSource Sql { get; } = NpgsqlDataSource.Create(connectionString);

    public MartenEventTable Events => new(Sql, EventSchema);

    public static MartenEvent AsMarten(InvoicingEvent e) =>
        new(new StreamId(e.Invoice), e.StreamVersion, e.Type, Encoding.UTF8.GetString(e.Data), e.Time);

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Sql.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = Sql.CreateCommand(sql);
        command.CommandTimeout = 0;
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        await Sql.DisposeAsync();
        await drop();
    }
}
