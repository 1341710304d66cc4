using Projections.Definitions;

namespace Projections.Planning;

/// <summary>What a rehearsal of a rebuild on a part of the streams found.</summary>
/// <param name="Version">The version.</param>
/// <param name="Share">Which part of the streams was folded.</param>
/// <param name="EventsRead">How many events were read: all of the source.</param>
/// <param name="EventsFolded">How many of them were folded.</param>
/// <param name="Rows">How many rows they made.</param>
/// <param name="EventsPerSecond">How fast they were folded and written, the reading left out.</param>
/// <param name="EstimatedTime">About how long the whole rebuild takes.</param>
/// <param name="EstimatedBytes">About how much disk the whole table takes, with its indexes.</param>
/// <param name="Failures">The events that cannot be decoded or folded, gathered by type and error.</param>
/// <param name="UnhandledTypes">How many events there are of each type that the version does not handle.</param>
/// <param name="ColumnsNeverSet">The columns that are empty, or what they are in a new row, in all rows.</param>
/// <param name="Problem">Why the disk could not be measured with the indexes, or <c>null</c>.</param>
internal sealed record DryRunReport(
    VersionId Version,
    double Share,
    long EventsRead,
    long EventsFolded,
    long Rows,
    double EventsPerSecond,
    TimeSpan EstimatedTime,
    long EstimatedBytes,
    IReadOnlyList<FoldFailure> Failures,
    IReadOnlyDictionary<string, long> UnhandledTypes,
    IReadOnlyList<string> ColumnsNeverSet,
    string? Problem);

/// <summary>Events of one type that fail in the same way.</summary>
/// <param name="Type">The type's name in the store.</param>
/// <param name="Stage">Whether they cannot be decoded or cannot be folded.</param>
/// <param name="Error">What goes wrong, with the first event's particulars.</param>
/// <param name="Events">How many there are.</param>
/// <param name="First">Where the first stands.</param>
/// <param name="Stream">Its stream.</param>
internal sealed record FoldFailure(string Type, PoisonStage Stage, string Error, long Events, Events.EventPosition First, string Stream);
