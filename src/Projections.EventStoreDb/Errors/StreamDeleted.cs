namespace Projections.EventStoreDb.Errors;

/// <summary>The stream has a tombstone: it is gone for good, and nothing can be appended to it.</summary>
public sealed class StreamDeleted(string stream, Exception? innerException = null)
    : EventStoreDbException($"The stream '{stream}' was deleted for good (it has a tombstone). Use another stream.", innerException)
{
    public string Stream { get; } = stream;

    public override bool IsPassing => false;
}
