using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Events;
using Projections.EventStoreDb;
using Projections.PostgresEvents;
using Projections.PostgresEvents.Standbys;

namespace Projections.Hosting.Configuration;

/// <summary>The event source that the settings mean, with the connections that it reads by.</summary>
internal sealed class EventConnection : IAsyncDisposable
{
    /// <summary>How long a store that may be away is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<NpgsqlDataSource> _sql;

    private EventConnection(IEventSource source, params IReadOnlyList<NpgsqlDataSource> sql)
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
            return new EventConnection(new AbsentSource(IdentityOf(settings), exception));
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new EventConnection(new AbsentSource(IdentityOf(settings), new TimeoutException($"it has not answered for {Patience.TotalSeconds:0} s.")));
        }
    }

    private static async Task<EventConnection> OpenNowAsync(HostSettings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (settings.OpenOwn is { } open)
        {
            return new EventConnection(await open(loggers, cancellationToken));
        }

        return settings.EventStore.Kind == EventStoreKind.EventStoreDb
            ? new EventConnection(await OpenEventStoreDbAsync(settings, loggers, cancellationToken))
            : await OpenTableAsync(settings, loggers, cancellationToken);
    }

    private static async Task<IEventSource> OpenEventStoreDbAsync(HostSettings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var options = settings.EventStore.ToEventStoreDb() with { Logger = loggers.CreateLogger<EventStoreDbSource>(), Database = settings.Database };
        return settings.EventsMayBeAway
            ? new EventStoreDbSource(new GrpcEventLog(settings.Events, options), options with { Retries = 0 })
            : await EventStoreDbSource.OpenAsync(settings.Events, options, cancellationToken);
    }

    private static async Task<EventConnection> OpenTableAsync(HostSettings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var primary = Connect(settings.Events, settings.EventConnections);
        var standby = settings.EventsReplay is { } replay ? Connect(replay, settings.EventConnections) : null;
        IReadOnlyList<NpgsqlDataSource> all = standby is null ? [primary] : [primary, standby];
        try
        {
            await using (await DatabaseUnreachable.OpenAsync(primary, "the event store", settings.EventsSetting, cancellationToken))
            {
                // It was opened in order to say well why it could not be; what follows takes it from the pool.
            }

            var options = new PostgresEventSourceOptions { Standby = standby is null ? null : OfStandby(standby, settings.EventStore, loggers), IdleInterval = settings.HeadInterval };
            return new EventConnection(await PostgresEventSource.OpenAsync(primary, settings.EventStore.ToMapping(), options, cancellationToken), all);
        }
        catch
        {
            await CloseAsync(all);
            throw;
        }
    }

    // The name is one of ours, so that our own reading of events does not count as a reader with an old snapshot.
    private static NpgsqlDataSource Connect(string connectionString, int? most)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "projections/events",
            ReadBufferSize = PostgresEventSourceOptions.ReadBufferSize,
        };
        connection.MaxPoolSize = most ?? connection.MaxPoolSize;
        return NpgsqlDataSource.Create(connection);
    }

    private static StandbyOptions OfStandby(NpgsqlDataSource standby, EventStoreOptions store, ILoggerFactory loggers) => new()
    {
        DataSource = standby,
        WhenAway = store.WhenStandbyIsAway,
        Patience = store.StandbyPatience,
        Logger = loggers.CreateLogger<PostgresEventSource>(),
    };

    private static string IdentityOf(HostSettings settings) => settings.OpenOwn is null ? settings.EventStore.ToMapping().Identity : "";

    public ValueTask DisposeAsync() => CloseAsync(_sql);

    private static async ValueTask CloseAsync(IReadOnlyList<NpgsqlDataSource> all)
    {
        foreach (var sql in all)
        {
            await sql.DisposeAsync();
        }
    }
}
