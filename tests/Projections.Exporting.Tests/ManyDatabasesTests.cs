using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Projections.Definitions;
using Projections.EndToEnd;
using Projections.EndToEnd.Tallies;
using Projections.Serving;
using Projections.Telemetry;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Exporting.Tests;

/// <summary>What is sent of a program that serves many databases.</summary>
public sealed class ManyDatabasesTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_database_that_goes_takes_its_own_gauges_with_it_and_no_others()
    {
        await using var north = await World.CreateAsync(postgres);
        await using var south = await World.CreateAsync(postgres);
        using var process = new ProcessResources(new ProjectionsOptions());
        var databases = new ServedDatabases();
        foreach (var (name, world) in ((string, World)[])[("north", north), ("south", south)])
        {
            databases.Add(name).Open(await world.OpenAsync(TallyWorld.Both, place: new ServingPlace(name, process, ConnectionShare.Of(ConnectionShare.Least))), () => []);
        }

        await using var collector = await Collector.StartAsync();
        using var sending = new TelemetryService(databases, new TelemetryOptions
        {
            Endpoint = new Uri(collector.Address), Protocol = OpenTelemetry.Exporter.OtlpExportProtocol.HttpProtobuf, MetricsInterval = TimeSpan.FromMilliseconds(200),
        });
        await sending.StartAsync(CancellationToken.None);
        await collector.ReceivesAsync("/v1/metrics", Tag("north"));
        await collector.ReceivesAsync("/v1/metrics", Tag("south"));

        var gone = databases.All[0];
        await gone.CloseAsync();
        databases.Remove(gone);

        await collector.ReceivesNextAsync("/v1/metrics", body => body.Contains(Tag("south"), StringComparison.Ordinal) && !body.Contains("north", StringComparison.Ordinal), "the gauges of south alone");
        await sending.StopAsync(CancellationToken.None);
    }

    [Fact]
    public void Versions_of_hundreds_of_databases_are_told_apart()
    {
        using var sent = new Sent();
        using var provider = TelemetryService.Measured(Sdk.CreateMeterProviderBuilder(), new ServedDatabases())
            .AddReader(new BaseExportingMetricReader(sent))
            .Build();
        var versions = Enumerable.Range(1, 15).Select(number => new VersionId(new ProjectionName("tally"), number)).ToList();
        foreach (var database in Enumerable.Range(1, 200))
        {
            foreach (var version in versions)
            {
                Instruments.Events.Add(1, Instruments.Of(string.Create(CultureInfo.InvariantCulture, $"shop-{database}"), version));
            }
        }

        provider.ForceFlush().ShouldBeTrue();
        sent.Series["projections.events"].ShouldBe(200 * 15);
    }

    /// <summary>How a tag is written, in whatever message it is.</summary>
    private static string Tag(string database) => $"database\u0012{(char)(database.Length + 2)}\n{(char)database.Length}{database}";

    /// <summary>How many series there are of each instrument, those that the library lumps together left out.</summary>
    private sealed class Sent : BaseExporter<Metric>
    {
        public Dictionary<string, int> Series { get; } = new(StringComparer.Ordinal);

        public override ExportResult Export(in Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                var series = 0;
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    series += Lumped(point) ? 0 : 1;
                }

                Series[metric.Name] = series;
            }

            return ExportResult.Success;
        }

        private static bool Lumped(in MetricPoint point)
        {
            foreach (var tag in point.Tags)
            {
                if (tag.Key == "otel.metric.overflow")
                {
                    return true;
                }
            }

            return false;
        }
    }
}
