using OpenTelemetry.Exporter;

namespace Projections.Exporting;

/// <summary>Points an exporter at the collector.</summary>
internal static class OtlpTarget
{
    /// <param name="exporter">The exporter.</param>
    /// <param name="options">Where the collector is.</param>
    /// <param name="signal"><c>metrics</c>, <c>traces</c> or <c>logs</c>: the path that HTTP needs.</param>
    public static void Apply(OtlpExporterOptions exporter, TelemetryOptions options, string signal)
    {
        exporter.Protocol = options.Protocol;
        exporter.Endpoint = options.Protocol == OtlpExportProtocol.HttpProtobuf
            ? new Uri($"{options.Endpoint!.AbsoluteUri.TrimEnd('/')}/v1/{signal}")
            : options.Endpoint!;
        if (options.Headers is { } headers)
        {
            exporter.Headers = headers;
        }
    }
}
