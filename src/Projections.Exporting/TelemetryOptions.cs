using System.ComponentModel.DataAnnotations;
using OpenTelemetry.Exporter;

namespace Projections.Exporting;

/// <summary>Where metrics, traces and logs are sent; the section <c>Telemetry</c> of the configuration.</summary>
public sealed class TelemetryOptions : IValidatableObject
{
    /// <summary>The section's name.</summary>
    public const string Section = "Telemetry";

    /// <summary>The collector: <c>http://collector:4317</c>. Without one nothing is sent; the default is what the environment variable
    /// OTEL_EXPORTER_OTLP_ENDPOINT says.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>How to talk to it: <c>Grpc</c>, the default, or <c>HttpProtobuf</c>, where <see cref="Endpoint"/> is the base to which
    /// <c>/v1/metrics</c> and so on are added.</summary>
    public OtlpExportProtocol Protocol { get; set; } = OtlpExportProtocol.Grpc;

    /// <summary>Headers for the collector, such as a key: <c>api-key=...</c>, several with commas between them. Not shown anywhere.</summary>
    public string? Headers { get; set; }

    /// <summary>What the service calls itself. The default is <c>projections</c>.</summary>
    [Required]
    public string ServiceName { get; set; } = "projections";

    /// <summary>How often metrics are sent, and the state behind the gauges is read. The default is 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan MetricsInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Which part of the traces is sent, from 0 to 1. The default is 1: there are few.</summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; set; } = 1;

    /// <summary>Whether logs are sent, too, beside being written to the console. The default is yes.</summary>
    public bool Logs { get; set; } = true;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Endpoint is { IsAbsoluteUri: false } || (Endpoint is { } uri && uri.Scheme is not ("http" or "https")))
        {
            yield return new ValidationResult("The collector's address must look like http://collector:4317.", [nameof(Endpoint)]);
        }
    }
}
