using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Networks;
using Testcontainers.KurrentDb;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;

namespace Projections.Containers;

/// <summary>PostgreSQL, RabbitMQ and EventStoreDB or KurrentDB in containers of one network, as docker-compose.yml has them; gone with the tests.</summary>
public sealed class Servers : IAsyncLifetime
{
    /// <summary>Names another image of EventStoreDB or KurrentDB, such as <c>eventstore/eventstore:24.10</c>.</summary>
    public const string EventStoreImageVariable = "EVENTSTORE_IMAGE";

    /// <summary>Names another image of PostgreSQL, such as <c>postgres:18</c>.</summary>
    public const string PostgresImageVariable = "POSTGRES_IMAGE";

    /// <summary>What the servers are called in their network.</summary>
    public const string PostgresHost = "postgres";

    /// <inheritdoc cref="PostgresHost"/>
    public const string BrokerHost = "rabbitmq";

    // Made only where there is an engine: without one, tests are skipped, but what they share is set up all the same.
    private INetwork? _network;
    private PostgreSqlContainer? _postgres;
    private RabbitMqContainer? _broker;
    private KurrentDbContainer? _events;

    public INetwork Network => _network!;

    /// <summary>The connection string of PostgreSQL's superuser, from this machine.</summary>
    public string Postgres => _postgres!.GetConnectionString();

    /// <summary>The connection string of the event store, from this machine.</summary>
    public string Events => _events!.GetConnectionString();

    public RabbitMqContainer Broker => _broker!;

    public async Task InitializeAsync()
    {
        if (ContainerEngine.SkipReason is not null)
        {
            return;
        }

        _network = new NetworkBuilder().Build();
        // Faults are injected by prepared transactions, and some tests have many workers.
        _postgres = new PostgreSqlBuilder(ImageOf(PostgresImageVariable, "postgres:17.6")).WithNetwork(_network).WithNetworkAliases(PostgresHost)
            .WithCommand("-c", "shared_preload_libraries=pg_stat_statements", "-c", "max_prepared_transactions=20", "-c", "max_connections=300")
            .Build();
        _broker = new RabbitMqBuilder("rabbitmq:4.1.4-management").WithNetwork(_network).WithNetworkAliases(BrokerHost).Build();
        // An EventStoreDB takes its settings by its own name, a KurrentDB by the one that the builder knows.
        _events = new KurrentDbBuilder(ImageOf(EventStoreImageVariable, "kurrentplatform/kurrentdb:26.1.1"))
            .WithEnvironment("EVENTSTORE_CLUSTER_SIZE", "1")
            .WithEnvironment("EVENTSTORE_RUN_PROJECTIONS", "All")
            .WithEnvironment("EVENTSTORE_START_STANDARD_PROJECTIONS", "true")
            .WithEnvironment("EVENTSTORE_INSECURE", "true")
            .Build();
        await Task.WhenAll(_postgres.StartAsync(), _broker.StartAsync(), _events.StartAsync());
    }

    public async Task DisposeAsync()
    {
        foreach (var started in new IAsyncDisposable?[] { _postgres, _broker, _events, _network })
        {
            if (started is not null)
            {
                await started.DisposeAsync();
            }
        }
    }

    private static string ImageOf(string variable, string usual) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named ? named : usual;
}
