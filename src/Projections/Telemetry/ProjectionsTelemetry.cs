using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Projections.Telemetry;

/// <summary>What the engine measures and traces, by .NET's own means: whoever listens to the name gets it. See docs/metrics.md.</summary>
internal static class ProjectionsTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Projections";

    /// <summary>Counts a read or a subscription that an event source begins again by itself.</summary>
    /// <param name="reason">Why, in a word of few: <c>failed</c>, <c>too-slow</c>.</param>
    public static void CountSourceRetry(string reason) => Instruments.SourceRetries.Add(1, new KeyValuePair<string, object?>("reason", reason));

    internal static readonly Meter Meter = new(Name);

    internal static readonly ActivitySource Source = new(Name);
}
