using Projections.Events;

namespace Projections.EventStoreDb;

/// <summary>Where a log ends.</summary>
/// <param name="Position">The last event of the node that is read from.</param>
/// <param name="Highest">The last event of the leader; the same where the leader is read from.</param>
public readonly record struct LogEnd(EventPosition Position, EventPosition Highest);
