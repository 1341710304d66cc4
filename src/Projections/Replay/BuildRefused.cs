namespace Projections.Replay;

/// <summary>A version cannot be built, or gone on with, as things are; the message says what to change.</summary>
internal sealed class BuildRefused(string message) : Exception(message);
