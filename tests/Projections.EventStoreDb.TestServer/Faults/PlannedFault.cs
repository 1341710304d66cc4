namespace Projections.EventStoreDb.TestServer.Faults;

/// <summary>A fault that the next read or subscription of its kind runs into.</summary>
/// <param name="Fault">What goes wrong.</param>
/// <param name="AfterMessages">How many messages come through before.</param>
/// <param name="InShortRead">Whether it is for a read of one event, and not for a longer one or a subscription.</param>
public sealed record PlannedFault(Fault Fault, int AfterMessages = 0, bool InShortRead = false);
