using System.Diagnostics;
using Projections.Definitions;

namespace Projections.Telemetry;

/// <summary>A switch while it is tried: a trace's span, and a duration at its end.</summary>
internal sealed class SwitchSpan : IDisposable
{
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<VersionId> _to;
    private readonly long _began;
    private readonly Activity? _activity;

    /// <param name="time">The clock.</param>
    /// <param name="to">The versions that reads are to move to.</param>
    public SwitchSpan(TimeProvider time, IReadOnlyList<VersionId> to)
    {
        _time = time;
        _to = to;
        _began = time.GetTimestamp();
        _activity = ProjectionsTelemetry.Source.StartActivity("projections.switch");
        _activity?.SetTag("projection", to[0].Projection.Value);
        _activity?.SetTag("version", to[0].Number);
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
            Instruments.SwitchDuration.Record(_time.GetElapsedTime(_began).TotalSeconds, Instruments.Projection(version.Projection), new("outcome", Outcome));
        }
    }
}
