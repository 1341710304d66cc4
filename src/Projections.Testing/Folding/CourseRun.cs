using System.Runtime.InteropServices;
using Projections.Definitions;
using Projections.Events;
using Projections.Testing.Orders;

namespace Projections.Testing.Folding;

/// <summary>Folds a history in one way, as an engine does to which things happen on the way.</summary>
internal sealed class CourseRun
{
    private readonly IFoldGround _ground;
    private readonly RecordedEvent[] _events;
    private readonly List<Incident> _incidents;
    private readonly List<SetAsideEvent> _setAside = [];
    private int _folded;
    private int _committed;
    private bool _everCommitted;

    private CourseRun(IFoldGround ground, IReadOnlyList<RecordedEvent> given, Course course, IReadOnlyList<RecordedEvent> others)
    {
        _ground = ground;
        (_events, _incidents) = Mix(given, course, others);
    }

    /// <param name="ground">Where it is done.</param>
    /// <param name="given">The events of the spec.</param>
    /// <param name="course">What happens on the way.</param>
    /// <param name="others">Events of other streams, in order.</param>
    public static ValueTask<Outcome> RunAsync(IFoldGround ground, IReadOnlyList<RecordedEvent> given, Course course, IReadOnlyList<RecordedEvent> others) =>
        new CourseRun(ground, given, course, others).RunAsync();

    private async ValueTask<Outcome> RunAsync()
    {
        await _ground.EmptyAsync();
        Restart();
        SetAsideEvent? stoppedAt = null;
        try
        {
            await GoAsync();
        }
        catch (PoisonEvent poison)
        {
            stoppedAt = await StopAsync(poison);
        }

        return Outcome.Of(await _ground.ReadAsync(), stoppedAt is null ? _setAside : [stoppedAt]);
    }

    private async ValueTask GoAsync()
    {
        foreach (var (before, what) in _incidents)
        {
            await FoldAsync(before);
            switch (what)
            {
                case Happening.Commits:
                    await CommitAsync();
                    break;
                case Happening.Forgets:
                    await CommitAsync();
                    _ground.Forget();
                    break;
                case Happening.Killed:
                    Restart();
                    break;
            }
        }

        await FoldAsync(_events.Length);
        await CommitAsync();
    }

    /// <summary>Commits what comes before the event that the version stops at.</summary>
    private async ValueTask<SetAsideEvent> StopAsync(PoisonEvent poison)
    {
        var at = Array.FindIndex(_events, e => e.Position == poison.Position);
        Restart();
        await FoldAsync(at);
        await CommitAsync();
        return SetAsideEvent.Of(_events[at], poison.Stage, poison.Error);
    }

    private void Restart()
    {
        _ground.Open(!_everCommitted);
        _folded = _committed;
    }

    private async ValueTask FoldAsync(int upTo)
    {
        if (upTo <= _folded)
        {
            return;
        }

        // In memory that is used for something else as soon as the batch has been folded, as a source's is.
        var batch = Array.ConvertAll(_events[_folded..upTo], e => e with { Data = e.Data.ToArray(), Metadata = e.Metadata.ToArray() });
        await _ground.FoldAsync(batch);
        foreach (var e in batch)
        {
            MemoryMarshal.AsMemory(e.Data).Span.Clear();
            MemoryMarshal.AsMemory(e.Metadata).Span.Clear();
        }

        Array.Clear(batch);
        _folded = upTo;
    }

    private async ValueTask CommitAsync()
    {
        // Statements run when they are written, so that only then all events that fail are known.
        await _ground.CommitAsync();
        _setAside.AddRange(_ground.SetAside);
        _committed = _folded;
        _everCommitted = true;
    }

    private static (RecordedEvent[] Events, List<Incident> Incidents) Mix(IReadOnlyList<RecordedEvent> given, Course course, IReadOnlyList<RecordedEvent> others)
    {
        var arrivals = course.Incidents.Count(incident => incident.What == Happening.OthersCome);
        var events = new List<RecordedEvent>(given.Count + others.Count);
        var incidents = new List<Incident>(course.Incidents.Count);
        var next = 0;
        var arrived = 0;
        var last = 0L;
        foreach (var (before, what) in course.Incidents)
        {
            for (; next < before && next < given.Count; next++)
            {
                events.Add(given[next]);
                last = given[next].Position.Major;
            }

            if (what != Happening.OthersCome)
            {
                incidents.Add(new Incident(events.Count, what));
                continue;
            }

            var upTo = ++arrived * others.Count / arrivals;
            for (var other = (arrived - 1) * others.Count / arrivals; other < upTo; other++)
            {
                // Between two events that are given, whose positions stay as they are.
                events.Add(others[other] with { Position = new EventPosition(last, other + 1) });
            }
        }

        events.AddRange(given.Skip(next));
        return ([.. events], incidents);
    }
}
