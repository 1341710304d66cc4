namespace Projections.Events;

/// <summary>Why a safe head does not move: a writer that drew a number and has not ended.</summary>
/// <param name="NextPosition">The first position that is held back.</param>
/// <param name="Reason">What is waited for, in words, with process ids and ages where they are known.</param>
/// <param name="Since">When the hold was first seen.</param>
public sealed record SafeHeadHold(EventPosition NextPosition, string Reason, DateTimeOffset Since);
