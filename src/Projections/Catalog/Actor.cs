namespace Projections.Catalog;

/// <summary>Who asks for a change, and why; kept with every transition.</summary>
/// <param name="Who">A person or a program: <c>ana@host</c>, <c>worker-1</c>.</param>
/// <param name="Why">The reason given, if any.</param>
public sealed record Actor(string Who, string? Why = null);
