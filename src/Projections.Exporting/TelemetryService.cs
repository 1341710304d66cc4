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

    /// <summary>
    /// How many series of an instrument are told apart where many databases are served; the library's own limit is 2,000, and lumps together what comes later: 200
    /// databases with ten versions each. It takes 45 MB of the heap, of which memory is used as there come to be series.
    /// </summary>
    private const int MostOfManyDatabases = 20_000;

    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceOf(options, databases.Only?.Name ?? WorkerName.Create(Environment.MachineName, Environment.ProcessId, Guid.NewGuid()));
        _metrics = Measured(Sdk.CreateMeterProviderBuilder(), databases)
            .SetResourceBuilder(resource)
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var gauges = new StatusGauges();
        await databases.ForEachAsync((system, stop) => gauges.RunAsync(system, options.MetricsInterval, stop), stoppingToken);
    }

    /// <summary>All that is measured, and how much of it may be told apart.</summary>
    internal static MeterProviderBuilder Measured(MeterProviderBuilder metrics, ServedDatabases databases)
    {
        metrics.AddMeter(ProjectionsTelemetry.Name, "Npgsql", "MassTransit", "System.Runtime");
        return databases.HaveNames
            ? metrics.AddView(instrument => instrument.Meter.Name == ProjectionsTelemetry.Name ? new MetricStreamConfiguration { CardinalityLimit = MostOfManyDatabases } : null)
            : metrics;
    }
}
