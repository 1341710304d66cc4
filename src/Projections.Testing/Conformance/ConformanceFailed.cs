namespace Projections.Testing;

/// <summary>An event source does not do what every source must.</summary>
public sealed class ConformanceFailed(string message) : Exception(message);
