using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Checks;
using Projections.EndToEnd;
using Projections.EndToEnd.Tallies;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Exporting.Tests;

public sealed class ExportTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_collector_gets_the_metrics_the_traces_and_the_logs_of_a_rebuild_and_a_switch()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(300);
        var system = await world.OpenAsync(TallyWorld.Both);
        await using var collector = await Collector.StartAsync();
        var configuration = Settings(
            ("Telemetry:Endpoint", collector.Address), ("Telemetry:Protocol", "HttpProtobuf"), ("Telemetry:MetricsInterval", "00:00:00.200"), ("Telemetry:ServiceName", "tallies"));
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(system);
        builder.Services.AddProjectionsTelemetry(configuration);
        builder.Services.AddLogging(logging => logging.AddProjectionsTelemetry(configuration));
        using var host = builder.Build();
        await host.StartAsync();

        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await new CheckCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, default);
        host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("test").LogInformation("{Version} was built", "tally v1");

        foreach (var metric in new[] { "projections.events", "projections.phase.duration", "projections.commit.duration", "projections.lease.changes", "projections.switch.duration", "projections.lag.time", "projections.check.verdict", "projections.version.state" })
        {
            await collector.ReceivesAsync("/v1/metrics", metric);
        }

        await collector.ReceivesAsync("/v1/metrics", "tallies");
        await host.StopAsync();
        await collector.ReceivesAsync("/v1/traces", "projections.replaying");
        await collector.ReceivesAsync("/v1/traces", "projections.switch");
        host.Dispose();
        await collector.ReceivesAsync("/v1/logs", "tally v1 was built");
    }

    [Fact]
    public void Nothing_is_sent_where_no_collector_is_configured() =>
        new ServiceCollection().AddProjectionsTelemetry(Settings()).ShouldBeEmpty();

    [Fact]
    public void Settings_that_are_wrong_are_refused()
    {
        var services = new ServiceCollection();
        Should.Throw<TelemetryOptionsInvalid>(() => services.AddProjectionsTelemetry(Settings(("Telemetry:Endpoint", "collector")))).Message.ShouldContain("http://collector:4317");
        Should.Throw<TelemetryOptionsInvalid>(() => services.AddProjectionsTelemetry(Settings(("Telemetry:Protocol", "pigeon")))).Message.ShouldContain("Protocol");
        Should.Throw<TelemetryOptionsInvalid>(() => services.AddProjectionsTelemetry(Settings(("Telemetry:Endpont", "http://a")))).Message.ShouldContain("Endpont");
    }

    private static IConfiguration Settings(params (string Setting, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Setting, (string?)setting.Value))).Build();
}
