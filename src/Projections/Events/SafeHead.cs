namespace Projections.Events;

/// <summary>The highest position below which nothing can still appear in a source.</summary>
/// <param name="Position">The safe head; <see cref="EventPosition.BeforeFirst"/> for an empty source.</param>
/// <param name="Hold">Who keeps events beyond it from being read, or <c>null</c> when there are none or they will be
/// readable at the next look.</param>
public sealed record SafeHead(EventPosition Position, SafeHeadHold? Hold = null);

/// <summary>Why a safe head does not move: a writer that drew a number and has not ended.</summary>
/// <param name="NextPosition">The first position that is held back.</param>
/// <param name="Reason">What is waited for, in words, with process ids and ages where they are known.</param>
/// <param name="Since">When the hold was first seen.</param>
public sealed record SafeHeadHold(EventPosition NextPosition, string Reason, DateTimeOffset Since);
