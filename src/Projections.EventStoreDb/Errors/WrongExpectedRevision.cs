namespace Projections.EventStoreDb.Errors;

/// <summary>The stream was not at the revision that an append expected; nothing was appended.</summary>
public sealed class WrongExpectedRevision(string stream, StreamState expected, long? actual) : EventStoreDbException(
    $"Nothing was appended to '{stream}': expected {expected}, but {(actual is { } revision ? $"it is at revision {revision}" : "it does not exist")}. Read the stream and decide again.",
    null)
{
    public string Stream { get; } = stream;

    /// <summary>The revision of the stream's last event; <c>null</c> when there is no stream.</summary>
    public long? Actual { get; } = actual;

    public override bool IsPassing => false;
}
