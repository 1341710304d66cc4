using System.Text;
using Projections.Events;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.Invoicing;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.CommandLine;

/// <summary>A database with an event store in it, and the program configured for it.</summary>
public sealed class World : IAsyncDisposable
{
    private World(TestDatabase database)
    {
        Database = database;
        Store = new MartenEventTable(database.DataSource);
        Program = new BuiltProgram(database.ConnectionString);
    }

    public TestDatabase Database { get; }

    public MartenEventTable Store { get; }

    public BuiltProgram Program { get; }

    public static async Task<World> CreateAsync(PostgresFixture postgres, int invoices)
    {
        var world = new World(await postgres.CreateDatabaseAsync());
        await world.Store.CreateAsync();
        await world.Store.SeedAsync(
            new InvoicingHistory(invoices) { OpenAtOnce = 50 }.Events()
                .Select(e => new MartenEvent(new StreamId(e.Invoice), e.StreamVersion, e.Type, Encoding.UTF8.GetString(e.Data), e.Time)));
        return world;
    }

    /// <summary>Waits until a query returns true.</summary>
    public Task UntilAsync(string condition) => Deadline.UntilAsync(() => Database.ScalarAsync<bool>(condition), holds => holds, $"hold that {condition}");

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
