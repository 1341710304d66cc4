namespace Projections.Events;

/// <summary>The store answers, but reading it would give wrong rows or none; somebody must change something first.</summary>
public sealed class EventSourceUnusable(string message, Exception? innerException = null) : Exception(message, innerException);
