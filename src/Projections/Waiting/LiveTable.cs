using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Waiting;

/// <summary>The table that a read name shows, and how far its rows are.</summary>
/// <param name="Projection">The projection, whose name the read name has.</param>
/// <param name="Number">The live version; <c>null</c> before the first switch.</param>
/// <param name="Phase">What happens to it.</param>
/// <param name="ShowsKeptTable">Whether the read name shows the table that was kept while the live version is built anew.</param>
/// <param name="Checkpoint">The position up to which its rows are complete, but for what follows.</param>
/// <param name="FirstLate">The first event that turned up behind the checkpoint and that the rows lack.</param>
/// <param name="SetAside">Those of the events that were asked for that are dead letters.</param>
internal sealed record LiveTable(
    ProjectionName Projection,
    int? Number,
    VersionPhase? Phase,
    bool ShowsKeptTable,
    EventPosition? Checkpoint,
    EventPosition? FirstLate,
    IReadOnlySet<EventPosition> SetAside)
{
    /// <summary>What the rows lack of everything up to and with a position, for people; <c>null</c> when they lack nothing.</summary>
    public string? MissingUpTo(EventPosition position)
    {
        if (Number is null)
        {
            return $"'{Projection}' has no live version yet: its read name comes with the first switch.";
        }

        if (Phase == VersionPhase.External)
        {
            return $"'{Projection}' shows v{Number}, which another program writes: how far it is is not known here.";
        }

        if (ShowsKeptTable || Checkpoint is not { } checkpoint)
        {
            return $"'{Projection}' shows what was kept of v{Number} while it is built anew.";
        }

        return position > checkpoint ? $"'{Projection}' v{Number} is at {checkpoint}, the event at {position}."
            : FirstLate <= position ? $"'{Projection}' v{Number} lacks an event that came late, at {FirstLate}."
            : SetAside.Contains(position) ? $"The event at {position} is a dead letter of '{Projection}' v{Number}; it comes into the rows when a retry works."
            : null;
    }
}
