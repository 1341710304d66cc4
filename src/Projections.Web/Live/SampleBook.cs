using Projections.Definitions;
using Projections.Reports;
using Projections.Tables;

namespace Projections.Web.Live;

/// <summary>The rates and lags of the last minutes, for charts; bounded, and forgotten with the process.</summary>
internal sealed class SampleBook
{
    private const int Kept = 600;

    private readonly Lock _lock = new();
    private readonly Dictionary<(ProjectionName Projection, int Version), Line> _lines = [];

    public void Add(DateTimeOffset at, IReadOnlyList<ProjectionReport> projections)
    {
        lock (_lock)
        {
            foreach (var projection in projections)
            {
                foreach (var version in projection.Versions)
                {
                    Add(at, (projection.Projection, version.Version), version);
                }
            }
        }
    }

    /// <summary>Reads the samples of one projection or all.</summary>
    public IReadOnlyList<SampleLine> Read(ProjectionName? only)
    {
        lock (_lock)
        {
            return
            [
                .. _lines.Where(line => only is null || line.Key.Projection == only)
                    .Select(line => new SampleLine(line.Key.Projection, line.Key.Version, [.. line.Value.Samples])),
            ];
        }
    }

    private void Add(DateTimeOffset at, (ProjectionName Projection, int Version) id, VersionReport version)
    {
        if (version.State == "retired")
        {
            _lines.Remove(id);
            return;
        }

        if (!_lines.TryGetValue(id, out var line))
        {
            _lines[id] = line = new Line();
        }

        line.Add(at, version);
    }

    private sealed class Line
    {
        private DateTimeOffset? _at;
        private long _done;

        public Queue<Sample> Samples { get; } = new();

        public void Add(DateTimeOffset at, VersionReport version)
        {
            // Who follows tells no rate; it is what was folded since the last look.
            var since = _at is { } before && at > before && version.EventsDone >= _done
                ? (version.EventsDone - _done) / (at - before).TotalSeconds
                : (double?)null;
            (_at, _done) = (at, version.EventsDone);
            if (Samples.Count == Kept)
            {
                Samples.Dequeue();
            }

            Samples.Enqueue(new Sample(at.ToUnixTimeMilliseconds(), version.EventsPerSecond ?? since, version.LagEvents, version.LagSeconds));
        }
    }
}
