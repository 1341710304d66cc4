namespace Projections.EventStoreDb.Errors;

/// <summary>The stream does not exist: nothing was ever written to it, or it was deleted such that it can come back.</summary>
public sealed class StreamNotFound(string stream, Exception? innerException = null)
    : EventStoreDbException($"The stream '{stream}' was not found.", innerException)
{
    public string Stream { get; } = stream;

    public override bool IsPassing => false;
}
