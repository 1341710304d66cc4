using System.Text;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Images;
using Npgsql;
using Projections.Events;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.Invoicing;
using Projections.TestServers;
using Testcontainers.RabbitMq;

namespace Projections.Containers;

/// <summary>The image of this repository, built by its Dockerfile, beside its servers.</summary>
public sealed class ImageTests(Servers servers) : IClassFixture<Servers>
{
    private const int Invoices = 200;
    private const ushort HealthPort = 8081;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [ContainerFact]
    public async Task The_image_rebuilds_a_read_model_shows_it_to_readers_and_listens_on_the_bus()
    {
        await using var sql = NpgsqlDataSource.Create(servers.Postgres);
        await new MartenEventTable(sql).CreateAsync();
        await new MartenEventTable(sql).SeedAsync(new InvoicingHistory(Invoices).Events()
            .Select(e => new MartenEvent(new StreamId(e.Invoice), e.StreamVersion, e.Type, Encoding.UTF8.GetString(e.Data), e.Time)));
        await using var image = new ImageFromDockerfileBuilder().WithDockerfileDirectory(Repository.Folder).WithDockerfile("src/Projections.Host/Dockerfile").Build();
        await image.CreateAsync();
        await using var worker = WorkerOf(image);
        await worker.StartAsync();

        await RunAsync(worker, "projections", "rebuild", "invoice_summary", "--to", "1");
        await RunAsync(worker, "projections", "switch", "invoice_summary", "--to", "1");

        await using var count = sql.CreateCommand("select count(*) from invoice_summary");
        (await count.ExecuteScalarAsync()).ShouldBe((long)Invoices);
        (await RunAsync(servers.Broker, "rabbitmqctl", "list_queues", "name")).ShouldContain("projections");
    }

    private IContainer WorkerOf(IImage image) => new ContainerBuilder(image)
        .WithNetwork(servers.Network)
        .WithEnvironment("ConnectionStrings__ReadModels", new NpgsqlConnectionStringBuilder(servers.Postgres) { Host = Servers.PostgresHost, Port = 5432 }.ConnectionString)
        .WithEnvironment("Events__Kind", "marten")
        .WithEnvironment("Bus__Transport", "RabbitMq")
        .WithEnvironment("Bus__Address", $"amqp://{Servers.BrokerHost}:5672/")
        .WithEnvironment("Bus__Username", RabbitMqBuilder.DefaultUsername)
        .WithEnvironment("Bus__Password", RabbitMqBuilder.DefaultPassword)
        .WithEnvironment("Http__HealthListen", $"*:{HealthPort}")
        .WithPortBinding(HealthPort, assignRandomHostPort: true)
        .WithWaitStrategy(Wait.ForUnixContainer().UntilHttpRequestIsSucceeded(health => health.ForPort(HealthPort).ForPath("/health/ready"), wait => wait.WithTimeout(Patience)))
        .Build();

    private static async Task<string> RunAsync(IContainer container, params string[] command)
    {
        var result = await container.ExecAsync(command);
        result.ExitCode.ShouldBe(0, $"{string.Join(' ', command)}\n{result.Stdout}{result.Stderr}");
        return result.Stdout;
    }
}
