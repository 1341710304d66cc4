using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Events;
using Projections.EventStoreDb;
using Projections.PostgresEvents;

namespace Projections.Hosting.Configuration;

/// <summary>The event source that the settings mean, with the connections that it reads by.</summary>
internal sealed class EventConnection : IAsyncDisposable
{
    /// <summary>How long a store that may be away is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

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
        if (!settings.EventsMayBeAway)
        {
            return await OpenNowAsync(settings, loggers, cancellationToken);
        }

        using var patience = new CancellationTokenSource(Patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await OpenNowAsync(settings, loggers, either.Token);
        }
        catch (Exception exception) when (exception is DatabaseUnreachable or EventSourceUnavailable or EventSourceUnusable)
        {
            return new EventConnection(new AbsentSource(IdentityOf(settings), exception), null);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new EventConnection(new AbsentSource(IdentityOf(settings), new TimeoutException($"it has not answered for {Patience.TotalSeconds:0} s.")), null);
        }
    }

    private static async Task<EventConnection> OpenNowAsync(HostSettings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (settings.OpenOwn is { } open)
        {
            return new EventConnection(await open(loggers, cancellationToken), null);
        }

        return settings.EventStore.Kind == EventStoreKind.EventStoreDb
            ? new EventConnection(await OpenEventStoreDbAsync(settings, loggers, cancellationToken), null)
            : await OpenTableAsync(settings, cancellationToken);
    }

    private static async Task<IEventSource> OpenEventStoreDbAsync(HostSettings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var options = settings.EventStore.ToEventStoreDb() with { Logger = loggers.CreateLogger<EventStoreDbSource>() };
        return settings.EventsMayBeAway
            ? new EventStoreDbSource(new GrpcEventLog(settings.Events, options), options with { Retries = 0 })
            : await EventStoreDbSource.OpenAsync(settings.Events, options, cancellationToken);
    }

    private static async Task<EventConnection> OpenTableAsync(HostSettings settings, CancellationToken cancellationToken)
    {
        // The name is one of ours, so that our own reading of events does not count as a reader with an old snapshot.
        var connection = new NpgsqlConnectionStringBuilder(settings.Events)
        {
            ApplicationName = "projections/events",
            ReadBufferSize = PostgresEventSourceOptions.ReadBufferSize,
        };
        var sql = NpgsqlDataSource.Create(connection);
        try
        {
            await using (await DatabaseUnreachable.OpenAsync(sql, "the event store", SettingsReader.Events, cancellationToken))
            {
                // It was opened in order to say well why it could not be; what follows takes it from the pool.
            }

            return new EventConnection(await PostgresEventSource.OpenAsync(sql, settings.EventStore.ToMapping(), cancellationToken: cancellationToken), sql);
        }
        catch
        {
            await sql.DisposeAsync();
            throw;
        }
    }

    private static string IdentityOf(HostSettings settings) => settings.OpenOwn is null ? settings.EventStore.ToMapping().Identity : "";

    public async ValueTask DisposeAsync()
    {
        if (_sql is not null)
        {
            await _sql.DisposeAsync();
        }
    }
}
