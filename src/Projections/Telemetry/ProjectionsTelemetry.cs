using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Projections.Telemetry;

/// <summary>What the engine measures and traces, by .NET's own means: whoever listens to the name gets it. See docs/metrics.md.</summary>
public static class ProjectionsTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Projections";

    internal static readonly Meter Meter = new(Name);

    internal static readonly ActivitySource Source = new(Name);
}
