namespace Projections.Exporting;

/// <summary>The section <c>Telemetry</c> of the configuration is not as it should be; the message lists all that is wrong.</summary>
public sealed class TelemetryOptionsInvalid(IReadOnlyList<string> errors)
    : Exception($"The section '{TelemetryOptions.Section}' of the configuration is wrong: {string.Join(" ", errors)}")
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
