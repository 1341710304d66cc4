using Projections.Events;

namespace Projections.Definitions;

/// <summary>An event that a version's handler could not decode or fold.</summary>
public sealed class PoisonEvent(VersionId version, EventPosition position, string stream, string type, PoisonStage stage, string error, Exception? innerException = null)
    : Exception($"{version} stopped at position {position}: the event '{type}' of stream '{stream}' cannot be {Verb(stage)}: {error}", innerException)
{
    public VersionId VersionId { get; } = version;

    public EventPosition Position { get; } = position;

    public string Stream { get; } = stream;

    public string Type { get; } = type;

    public PoisonStage Stage { get; } = stage;

    /// <summary>What went wrong, in one sentence.</summary>
    public string Error { get; } = error;

    private static string Verb(PoisonStage stage) => stage == PoisonStage.Decode ? "decoded" : "folded";
}

/// <summary>Where an event proved to be poison.</summary>
public enum PoisonStage
{
    /// <summary>Its JSON does not fit the C# type, or an upcaster failed.</summary>
    Decode,

    /// <summary>The handler threw, or the row was not there (or was there) against what the handler declared.</summary>
    Fold,
}

/// <summary>An event that was set aside: everything that is needed to look at it and to try it again.</summary>
/// <param name="Position">Where it stands in the source.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="StreamVersion">Its place in the stream.</param>
/// <param name="Type">Its type's name.</param>
/// <param name="Data">Its body, JSON in UTF-8; a copy that outlives the batch.</param>
/// <param name="Metadata">Its headers, JSON in UTF-8, or empty.</param>
/// <param name="Time">When it was stored, UTC.</param>
/// <param name="Tenant">Its tenant, if any.</param>
/// <param name="Stage">Where it failed.</param>
/// <param name="Error">What went wrong, in one sentence.</param>
public sealed record SetAsideEvent(
    EventPosition Position,
    string Stream,
    long StreamVersion,
    string Type,
    byte[] Data,
    byte[] Metadata,
    DateTime Time,
    string? Tenant,
    PoisonStage Stage,
    string Error)
{
    internal static SetAsideEvent Of(in RecordedEvent recorded, PoisonStage stage, string error) => new(
        recorded.Position,
        recorded.Stream.Text,
        recorded.StreamVersion,
        recorded.Type,
        recorded.Data.ToArray(),
        recorded.Metadata.ToArray(),
        recorded.Time,
        recorded.Tenant,
        stage,
        error);
}
