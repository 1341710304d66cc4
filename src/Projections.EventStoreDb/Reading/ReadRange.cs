using Projections.Events;

namespace Projections.EventStoreDb.Reading;

/// <summary>Which part of the log is read.</summary>
/// <param name="After">The position before the first that is read.</param>
/// <param name="UpTo">The last position that is read; <c>null</c> for no end.</param>
internal readonly record struct ReadRange(EventPosition After, EventPosition? UpTo = null);
