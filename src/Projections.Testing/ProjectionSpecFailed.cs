namespace Projections.Testing;

/// <summary>
/// A spec does not hold, or cannot be run. The message is the report: the version, the key, the events that were given, what was expected and what
/// was found. Every test framework shows it, as it shows any exception.
/// </summary>
public sealed class ProjectionSpecFailed(string report, Exception? innerException = null) : Exception(report, innerException);
