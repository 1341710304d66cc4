namespace Projections.EventStoreDb.Errors;

/// <summary>
/// More events were appended at once than the server keeps for a subscription that is live, which are 32; it ends it then, however quick we are.
/// Ordinary on a busy server: the rest is read from the log, and another subscription begins behind it.
/// </summary>
public sealed class ConsumerTooSlow(string what, Exception? innerException = null)
    : EventStoreDbException($"{what}: more came at once than the server keeps for a subscription.", innerException)
{
    public override bool IsPassing => true;
}
