namespace Projections.EventStoreDb.TestServer.Faults;

/// <summary>A fault that the next read or subscription runs into.</summary>
/// <param name="Fault">What goes wrong.</param>
/// <param name="AfterMessages">How many messages come through before.</param>
public sealed record PlannedFault(Fault Fault, int AfterMessages = 0);
