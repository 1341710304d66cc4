using JasperFx.Descriptors;
using JasperFx.Events;
using Marten;
using Projections.Events;
using Projections.PostgresEvents;
using Projections.PostgresEvents.Standbys;
using Weasel.Postgresql;

namespace Projections.Marten;

/// <summary>Opens the events of a Marten store as a source.</summary>
public static class MartenEvents
{
    /// <summary>
    /// Opens the tables that the store writes, over its own connections. They are made first where the store makes its tables itself. Tenants and how streams are
    /// identified are seen in the tables.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="standby">From where history is read in place of the store's own server; from that one when <c>null</c>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The source. The store's connections stay open when it is closed.</returns>
    /// <exception cref="EventSourceUnusable">The store has a database for each tenant, or options under which there is no order over all events.</exception>
    /// <exception cref="EventSourceUnavailable">The database cannot be reached.</exception>
    public static async Task<IEventSource> OpenAsync(IDocumentStore store, StandbyOptions? standby = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (store.Options.Tenancy.Cardinality != DatabaseCardinality.Single || store.Storage.Database is not PostgresqlDatabase database)
        {
            throw new EventSourceUnusable(
                "The Marten store has several databases, and there is no order over the events of all of them. Run a worker for each, with a store of one database: options.Connection(...).");
        }

        await store.Storage.Database.EnsureStorageExistsAsync(typeof(IEvent), cancellationToken);
        return await PostgresEventSource.OpenAsync(
            database.DataSource,
            EventTableMapping.Marten(store.Options.Events.DatabaseSchemaName),
            new PostgresEventSourceOptions { Standby = standby },
            cancellationToken);
    }
}
