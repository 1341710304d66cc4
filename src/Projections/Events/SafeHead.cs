namespace Projections.Events;

/// <summary>The highest position below which nothing can still appear in a source.</summary>
/// <param name="Position">The safe head; <see cref="EventPosition.BeforeFirst"/> for an empty source.</param>
/// <param name="Highest">The highest position that the store has given out, settled or not: the last number of the
/// sequence, the end of the log. A checkpoint beyond it proves that the store was restored to an earlier point. Never
/// below <paramref name="Position"/>.</param>
/// <param name="Hold">Who keeps events beyond the safe head from being read, or <c>null</c> when there are none or they
/// will be readable at the next look.</param>
/// <param name="IsAtLeast">Whether the safe head may well lie further on, because this source has only begun to look: what others
/// have proved, it does not know.</param>
public sealed record SafeHead(EventPosition Position, EventPosition Highest, SafeHeadHold? Hold = null, bool IsAtLeast = false);
