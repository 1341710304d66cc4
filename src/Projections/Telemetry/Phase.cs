using System.Diagnostics;
using Projections.Definitions;

namespace Projections.Telemetry;

/// <summary>A phase of a rebuild while it lasts: a trace's span, and a duration at its end.</summary>
internal sealed class Phase : IDisposable
{
    private readonly ProjectionSystem _system;
    private readonly VersionId _version;
    private readonly string _name;
    private readonly long _began;
    private readonly Activity? _activity;
    private string _outcome = "interrupted";

    /// <param name="system">The system that does the work.</param>
    /// <param name="name">The phase: <c>replaying</c>.</param>
    /// <param name="version">The version being built.</param>
    public Phase(ProjectionSystem system, string name, VersionId version)
    {
        _system = system;
        _name = name;
        _version = version;
        _began = system.Time.GetTimestamp();
        _activity = ProjectionsTelemetry.Begin(name, version, system.Database);
    }

    /// <summary>The phase came to its end; one that did not was stopped, or failed.</summary>
    public void Done() => _outcome = "done";

    public void Dispose()
    {
        _activity?.SetTag("outcome", _outcome);
        _activity?.Dispose();
        Instruments.PhaseDuration.Record(
            _system.Time.GetElapsedTime(_began).TotalSeconds,
            Instruments.Of(_system.Database, _version, new("phase", _name), new("outcome", _outcome)));
    }
}
