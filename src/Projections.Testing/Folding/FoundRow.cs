namespace Projections.Testing.Folding;

/// <summary>A row of the table.</summary>
/// <param name="Key">Its key, as <see cref="ValueText"/> writes it.</param>
/// <param name="Columns">Its values in the order of the columns, as <see cref="ValueText"/> writes them.</param>
/// <param name="Row">The row itself, or <c>null</c> where another process has it.</param>
internal sealed record FoundRow(string Key, string[] Columns, object? Row = null);
