using System.Diagnostics;
using Projections.Definitions;

namespace Projections.Telemetry;

/// <summary>A switch while it is tried: a trace's span, and a duration at its end.</summary>
internal sealed class SwitchSpan : IDisposable
{
    private readonly ProjectionSystem _system;
    private readonly IReadOnlyList<VersionId> _to;
    private readonly long _began;
    private readonly Activity? _activity;

    /// <param name="system">The system that switches.</param>
    /// <param name="to">The versions that reads are to move to.</param>
    public SwitchSpan(ProjectionSystem system, IReadOnlyList<VersionId> to)
    {
        _system = system;
        _to = to;
        _began = system.Time.GetTimestamp();
        _activity = ProjectionsTelemetry.Begin("switch", to[0], system.Database);
        _activity?.SetTag("with", string.Join(", ", to.Skip(1)));
    }

    /// <summary>How it ended: <c>done</c>, <c>already-done</c>, <c>refused</c>; <c>failed</c> unless something else is said.</summary>
    public string Outcome { get; set; } = "failed";

    public void Dispose()
    {
        _activity?.SetTag("outcome", Outcome);
        _activity?.Dispose();
        foreach (var version in _to)
        {
            Instruments.SwitchDuration.Record(_system.Time.GetElapsedTime(_began).TotalSeconds, Instruments.Of(_system.Database, version.Projection, [new("outcome", Outcome)]));
        }
    }
}
