namespace Projections.Testing.Orders;

/// <summary>What can happen between two events that must not matter to any row.</summary>
internal enum Happening
{
    /// <summary>A batch ends, and its buffers are used for something else.</summary>
    BatchEnds,

    /// <summary>What was folded is committed.</summary>
    Commits,

    /// <summary>What was folded is committed, and the rows go out of memory; they are loaded when they are needed.</summary>
    Forgets,

    /// <summary>The worker is killed, and another goes on from the last commit.</summary>
    Killed,

    /// <summary>Events of other streams come in between.</summary>
    OthersCome,
}

/// <summary>Something that happens between two events.</summary>
/// <param name="Before">The event before which it happens, counted from 0.</param>
/// <param name="What">What happens.</param>
internal readonly record struct Incident(int Before, Happening What);

/// <summary>Where events are folded.</summary>
internal enum Place
{
    /// <summary>Where the spec runs.</summary>
    Here,

    /// <summary>On another thread of the same process, under another culture.</summary>
    OtherThread,

    /// <summary>In another process, which has seen other events before.</summary>
    OtherProcess,
}

/// <summary>A way in which the events of a spec are folded.</summary>
/// <param name="Incidents">What happens on the way, in order.</param>
/// <param name="Place">Where.</param>
internal sealed record Course(IReadOnlyList<Incident> Incidents, Place Place = Place.Here)
{
    /// <summary>All events in one batch.</summary>
    public static readonly Course Straight = new([]);

    /// <summary>The same happenings for a history that lacks an event.</summary>
    public Course Without(int removed) =>
        this with { Incidents = [.. Incidents.Select(incident => incident.Before > removed ? incident with { Before = incident.Before - 1 } : incident).Distinct()] };
}
