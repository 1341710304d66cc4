namespace Projections.EventStoreDb.Errors;

/// <summary>The server cannot be reached, is starting or stopping, is too busy, or broke off in the middle of an answer.</summary>
public sealed class ServerUnavailable(string what, string reason, Exception? innerException = null)
    : EventStoreDbException($"{what}: server unavailable: {reason}", innerException)
{
    public override bool IsPassing => true;
}
