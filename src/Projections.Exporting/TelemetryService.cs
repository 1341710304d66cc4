using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Projections.Reports;
using Projections.Serving;
using Projections.Telemetry;

namespace Projections.Exporting;

/// <summary>Sends metrics and traces as long as the program runs, and what is left of them when it stops.</summary>
internal sealed class TelemetryService(ServedDatabases databases, TelemetryOptions options) : BackgroundService
{
    /// <summary>How long a collector that does not answer may hold up the end of the program.</summary>
    private const int LastWordsMilliseconds = 3000;

    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceOf(options, databases.Only?.Name ?? WorkerName.Create(Environment.MachineName, Environment.ProcessId, Guid.NewGuid()));
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(ProjectionsTelemetry.Name, "Npgsql", "MassTransit", "System.Runtime")
            .AddOtlpExporter((exporter, reader) =>
            {
                OtlpTarget.Apply(exporter, options, "metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.MetricsInterval.TotalMilliseconds;
            })
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceRatio)))
            .AddSource(ProjectionsTelemetry.Name, "MassTransit")
            .AddOtlpExporter(exporter => OtlpTarget.Apply(exporter, options, "traces"))
            .Build();
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _metrics?.Shutdown(LastWordsMilliseconds);
        _traces?.Shutdown(LastWordsMilliseconds);
    }

    public override void Dispose()
    {
        _metrics?.Dispose();
        _traces?.Dispose();
        base.Dispose();
    }

    internal static ResourceBuilder ResourceOf(TelemetryOptions options, string instance) =>
        ResourceBuilder.CreateDefault().AddService(options.ServiceName, serviceInstanceId: instance);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => databases.ForEachAsync(ReadAsync, stoppingToken);

    private async Task ReadAsync(ProjectionSystem system, CancellationToken stoppingToken)
    {
        using var gauges = new StatusGauges(system);
        await gauges.RunAsync(options.MetricsInterval, stoppingToken);
    }
}
