namespace Projections.EventStoreDb.Errors;

/// <summary>The server refused a call, or answered something that is not of the protocol, in a way that has no word of its own.</summary>
public sealed class CallFailed(string what, string reason, bool isPassing, Exception? innerException = null)
    : EventStoreDbException($"{what}: {reason}", innerException)
{
    public override bool IsPassing { get; } = isPassing;
}
