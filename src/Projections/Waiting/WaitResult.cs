using Projections.Events;

namespace Projections.Waiting;

/// <summary>How a wait for an event ended.</summary>
/// <param name="Event">Where the event is; <c>null</c> when the source has none such, or none that can be seen yet.</param>
/// <param name="Position">How far the rows were that the read name shows; <c>null</c> when that is not known.</param>
/// <param name="Missing">What was still missing, in a sentence; <c>null</c> when the read name shows everything up to and with the event.</param>
public sealed record WaitResult(EventPosition? Event, EventPosition? Position, string? Missing)
{
    /// <summary>Whether whoever reads from now on sees the event and all before it.</summary>
    public bool IsShown => Missing is null;
}
