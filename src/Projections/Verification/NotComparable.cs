namespace Projections.Verification;

/// <summary>Two versions whose rows cannot be compared. Nothing was changed; the message says why, and what to do.</summary>
internal sealed class NotComparable(string message) : Exception(message);
