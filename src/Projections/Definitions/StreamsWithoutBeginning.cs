namespace Projections.Definitions;

/// <summary>
/// What becomes of streams whose first events are gone (scavenged, truncated, compacted, deleted) while later ones are left: events that change a row
/// which no event has made. It is said for a version, and counts where a handler says <c>WhenMissing.Fail</c>. An event whose stream has its
/// beginning must find its row all the same: a missing one is then a bug, and stops the version.
/// </summary>
public enum StreamsWithoutBeginning
{
    /// <summary>A version is not built from a store that has such streams among those that it reads: it says how many there are, and names some. The default.</summary>
    Fail,

    /// <summary>They are left out: an event of theirs that finds no row to change is passed over.</summary>
    Skip,

    /// <summary>What is left of them is folded: an event of theirs that finds no row to change makes one, and one that finds no row to delete is passed over.</summary>
    Fold,
}
