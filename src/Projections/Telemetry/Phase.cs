using System.Diagnostics;
using Projections.Definitions;

namespace Projections.Telemetry;

/// <summary>A phase of a rebuild while it lasts: a trace's span, and a duration at its end.</summary>
internal sealed class Phase : IDisposable
{
    private readonly TimeProvider _time;
    private readonly VersionId _version;
    private readonly string _name;
    private readonly long _began;
    private readonly Activity? _activity;
    private string _outcome = "interrupted";

    /// <param name="time">The clock.</param>
    /// <param name="name">The phase: <c>replaying</c>.</param>
    /// <param name="version">The version being built.</param>
    public Phase(TimeProvider time, string name, VersionId version)
    {
        _time = time;
        _name = name;
        _version = version;
        _began = time.GetTimestamp();
        _activity = ProjectionsTelemetry.Source.StartActivity($"projections.{name}");
        _activity?.SetTag("projection", version.Projection.Value);
        _activity?.SetTag("version", version.Number);
    }

    /// <summary>The phase came to its end; one that did not was stopped, or failed.</summary>
    public void Done() => _outcome = "done";

    public void Dispose()
    {
        _activity?.SetTag("outcome", _outcome);
        _activity?.Dispose();
        Instruments.PhaseDuration.Record(
            _time.GetElapsedTime(_began).TotalSeconds,
            Instruments.Projection(_version.Projection), Instruments.Version(_version), new("phase", _name), new("outcome", _outcome));
    }
}
