using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace Projections.Exporting;

/// <summary>Reads the section <c>Telemetry</c>.</summary>
internal static class TelemetryConfiguration
{
    /// <summary>The variable that every program with OpenTelemetry understands.</summary>
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <exception cref="TelemetryOptionsInvalid">Something is wrong; the message lists all of it.</exception>
    public static TelemetryOptions Read(IConfiguration configuration)
    {
        var options = new TelemetryOptions();
        try
        {
            configuration.GetSection(TelemetryOptions.Section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException exception)
        {
            throw new TelemetryOptionsInvalid([$"{exception.Message} {exception.InnerException?.Message}".TrimEnd()]);
        }

        if (options.Endpoint is null && Uri.TryCreate(configuration[EndpointVariable], UriKind.Absolute, out var endpoint))
        {
            options.Endpoint = endpoint;
        }

        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results.Count == 0
            ? options
            : throw new TelemetryOptionsInvalid([.. results.Select(result => $"'{TelemetryOptions.Section}:{result.MemberNames.FirstOrDefault()}': {result.ErrorMessage}")]);
    }
}
