using System.Diagnostics;
using System.Diagnostics.Metrics;
using Projections.Definitions;

namespace Projections.Telemetry;

/// <summary>What the engine measures and traces, by .NET's own means: whoever listens to the name gets it. See docs/metrics.md.</summary>
internal static class ProjectionsTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Projections";

    /// <summary>Counts a read or a subscription that an event source begins again by itself.</summary>
    /// <param name="reason">Why, in a word of few: <c>failed</c>, <c>too-slow</c>.</param>
    /// <param name="database">The name of the database whose events are read, where the process serves several.</param>
    public static void CountSourceRetry(string reason, string? database) =>
        Instruments.SourceRetries.Add(1, Instruments.Of(database, [new("reason", reason)]));

    /// <summary>A step of the work, for whoever traces it.</summary>
    /// <param name="name">Which: <c>replaying</c>.</param>
    /// <param name="version">The version that it is about.</param>
    /// <param name="database">The name of its database, where the process serves several.</param>
    internal static Activity? Begin(string name, VersionId version, string? database)
    {
        var activity = Source.StartActivity($"projections.{name}");
        activity?.SetTag("projection", version.Projection.Value);
        activity?.SetTag("version", version.Number);
        if (database is not null)
        {
            activity?.SetTag("database", database);
        }

        return activity;
    }

    internal static readonly Meter Meter = new(Name);

    internal static readonly ActivitySource Source = new(Name);
}
