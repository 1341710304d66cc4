using Projections.Events;

namespace Projections.EventStoreDb;

/// <summary>What a subscription to the end of the log has brought.</summary>
/// <param name="Events">The events; possibly none.</param>
/// <param name="IsLive">Whether the subscription has caught up with the log, and not fallen behind it since, as far as
/// the server says.</param>
public readonly record struct TailBatch(EventBatch Events, bool IsLive);
