namespace Projections.Scaffolding;

/// <summary>A file of a version, for people to go on with.</summary>
/// <param name="Path">Where it belongs, from the repository's root: <c>projections/Orders/V1/table.sql</c>.</param>
/// <param name="Text">What is in it.</param>
internal sealed record ScaffoldedFile(string Path, string Text);
