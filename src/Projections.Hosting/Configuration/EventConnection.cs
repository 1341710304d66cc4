using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Events;
using Projections.EventStoreDb;
using Projections.PostgresEvents;

namespace Projections.Hosting.Configuration;

/// <summary>The event source that the settings mean, with the connections that it reads by.</summary>
internal sealed class EventConnection : IAsyncDisposable
{
    private readonly NpgsqlDataSource? _sql;

    private EventConnection(IEventSource source, NpgsqlDataSource? sql)
    {
        Source = source;
        _sql = sql;
    }

    /// <summary>The source; whoever it is given to closes it.</summary>
    public IEventSource Source { get; }

    /// <exception cref="DatabaseUnreachable">A database cannot be reached, or does not let us in.</exception>
    /// <exception cref="EventSourceUnavailable">The store cannot be reached.</exception>
    /// <exception cref="EventSourceUnusable">The store cannot be read; the message says what to change.</exception>
    public static async Task<EventConnection> OpenAsync(HostSettings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (settings.OpenOwn is { } open)
        {
            return new EventConnection(await open(loggers, cancellationToken), null);
        }

        if (settings.EventStore.Kind == EventStoreKind.EventStoreDb)
        {
            var options = settings.EventStore.ToEventStoreDb() with { Logger = loggers.CreateLogger<EventStoreDbSource>() };
            return new EventConnection(await EventStoreDbSource.OpenAsync(settings.Events, options, cancellationToken), null);
        }

        if (settings.Events != settings.ReadModels)
        {
            await DatabaseUnreachable.ThrowIfAsync(settings.Events, "the event store", SettingsReader.Events, cancellationToken);
        }

        // The name is one of ours, so that our own reading of events does not count as a reader with an old snapshot.
        var connection = new NpgsqlConnectionStringBuilder(settings.Events)
        {
            ApplicationName = "projections/events",
            ReadBufferSize = PostgresEventSourceOptions.ReadBufferSize,
        };
        var sql = NpgsqlDataSource.Create(connection);
        try
        {
            return new EventConnection(await PostgresEventSource.OpenAsync(sql, settings.EventStore.ToMapping(), cancellationToken: cancellationToken), sql);
        }
        catch
        {
            await sql.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_sql is not null)
        {
            await _sql.DisposeAsync();
        }
    }
}
