using Npgsql;
using Projections.Chaos.ReadModels;
using Projections.Events;
using Projections.LocalPostgres;
using Projections.PostgresEvents.Marten;
using Projections.TestServers;
using Projections.TestServers.Faults;

namespace Projections.Chaos.Ground;

/// <summary>The servers that a run stands on: PostgreSQL with a store that has a history, and RabbitMQ where it is installed.</summary>
internal sealed class ChaosGround : IAsyncDisposable
{
    public const string EventSchema = "events";

    /// <summary>By this name a fault finds the sessions of those who write events.</summary>
    public const string ShopName = "shop";

    private const string ReadModels = "read_models";
    private const string Events = "event_store";

    private readonly LocalPostgresCluster _cluster;
    private readonly SemaphoreSlim _restarting = new(1);
    private readonly bool _apart;
    private long _lastAway;

    private ChaosGround(LocalPostgresCluster cluster, RabbitMqBroker? broker, bool apart)
    {
        _cluster = cluster;
        _apart = apart;
        Broker = broker;
        Port = new NpgsqlConnectionStringBuilder(cluster.ConnectionString).Port;
        Observer = NpgsqlDataSource.Create(ObserverConnection);
        Shop = NpgsqlDataSource.Create(ConnectionOf(apart ? Events : ReadModels, ShopName));
    }

    public RabbitMqBroker? Broker { get; }

    /// <summary>Where PostgreSQL listens, for proxies.</summary>
    public int Port { get; }

    public string ObserverConnection => ConnectionOf(ReadModels, "observer");

    /// <summary>Looks at the read models' database by a way that no fault is on.</summary>
    public NpgsqlDataSource Observer { get; }

    /// <summary>The store as the application sees it.</summary>
    public NpgsqlDataSource Shop { get; }

    /// <summary>How long ago the server was last seen to be away because a fault was made.</summary>
    public TimeSpan SinceAway => TimeSpan.FromMilliseconds(Environment.TickCount64 - Interlocked.Read(ref _lastAway));

    public static async Task<ChaosGround> PrepareAsync(ChaosOptions options, CancellationToken cancellationToken)
    {
        var cluster = await LocalPostgresCluster.StartAsync(new LocalPostgresOptions { MaxConnections = 300 }, cancellationToken);
        // One seed in two has the events in another database than the read models.
        var apart = options.Seed % 2 == 1;
        await cluster.CreateDatabaseAsync(ReadModels, cancellationToken);
        if (apart)
        {
            await cluster.CreateDatabaseAsync(Events, cancellationToken);
        }

        var ground = new ChaosGround(cluster, RabbitMqBinaries.SkipReason is null ? new RabbitMqBroker() : null, apart);
        if (ground.Broker is { } broker)
        {
            await broker.InitializeAsync();
        }

        var store = new MartenEventTable(ground.Shop, EventSchema);
        await store.CreateAsync(cancellationToken);
        await store.SeedAsync(History(options), cancellationToken: cancellationToken);
        return ground;
    }

    /// <summary>The settings by which a worker finds both databases, on a way of its own.</summary>
    public IEnumerable<(string, string)> ConnectionsThrough(FaultyProxy proxy)
    {
        yield return ("ConnectionStrings__ReadModels", Through(proxy, ReadModels));
        if (_apart)
        {
            yield return ("ConnectionStrings__Events", Through(proxy, Events));
        }
    }

    /// <summary>A connection string of a reader.</summary>
    public string ReaderConnection(bool prepares) =>
        new NpgsqlConnectionStringBuilder(ConnectionOf(ReadModels, "reader")) { MaxAutoPrepare = prepares ? 20 : 0, AutoPrepareMinUsages = 2 }.ConnectionString;

    /// <summary>An empty database beside the others.</summary>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken cancellationToken) =>
        await _cluster.CreateDatabaseAsync(name, cancellationToken);

    /// <summary>The server stops at once, without finishing anything, and is away for a moment.</summary>
    public async Task RestartAsync(TimeSpan away)
    {
        await _restarting.WaitAsync();
        try
        {
            SeeAway();
            await _cluster.StopAsync(StopMode.Immediate);
            await Task.Delay(away);
            await _cluster.StartAgainAsync();
            SeeAway();
        }
        finally
        {
            _restarting.Release();
        }
    }

    /// <summary>Lets go of sessions that may have been broken while the server was away.</summary>
    public void ForgetSessions()
    {
        Observer.Clear();
        Shop.Clear();
    }

    /// <summary>Notes that sessions may break now through no fault of the workers.</summary>
    public void SeeAway() => Interlocked.Exchange(ref _lastAway, Environment.TickCount64);

    public async ValueTask DisposeAsync()
    {
        await Observer.DisposeAsync();
        await Shop.DisposeAsync();
        if (Broker is not null)
        {
            await Broker.DisposeAsync();
        }

        await _cluster.DisposeAsync();
    }

    private string ConnectionOf(string database, string name) =>
        new NpgsqlConnectionStringBuilder(_cluster.ConnectionStringFor(database)) { ApplicationName = name }.ConnectionString;

    private string Through(FaultyProxy proxy, string database) =>
        new NpgsqlConnectionStringBuilder(_cluster.ConnectionStringFor(database)) { Port = proxy.Port }.ConnectionString;

    private static IEnumerable<MartenEvent> History(ChaosOptions options)
    {
        var random = new Random(options.Seed);
        const int length = 20;
        for (var account = 0; account < options.History / length; account++)
        {
            var stream = new StreamId(Guid.NewGuid());
            var customer = Accounts.Customer(random);
            for (var version = 1; version <= length; version++)
            {
                var (type, json) = version == 1 ? Accounts.Open(customer) : version == length ? Accounts.Close(customer) : Accounts.Book(customer, random);
                yield return new MartenEvent(stream, version, type, json, DateTime.UnixEpoch.AddSeconds(account));
            }
        }
    }
}
