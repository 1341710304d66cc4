namespace Projections.Migrations.Copies;

/// <summary>A column that is to get sample values.</summary>
/// <param name="Name">Its quoted name.</param>
/// <param name="Type">Its type, as SQL.</param>
/// <param name="BaseType">The type below a domain, or the type itself, without its modifier.</param>
/// <param name="Category">PostgreSQL's category of the type: <c>N</c> numbers, <c>S</c> text, <c>D</c> times, <c>E</c> enums, …</param>
/// <param name="IsRequired">Whether it refuses NULL.</param>
/// <param name="HasDefault">Whether it fills itself.</param>
/// <param name="Checks">The conditions that constraints, or its partition, set on it alone.</param>
internal sealed record SampleColumn(
    string Name, string Type, string BaseType, char Category, bool IsRequired, bool HasDefault, IReadOnlyList<string> Checks);

/// <summary>A table of a copy that is to get sample rows.</summary>
/// <param name="Oid">Its number in the catalog.</param>
/// <param name="Name">Its quoted and qualified name.</param>
/// <param name="Columns">Its columns, without generated ones.</param>
internal sealed record SampleTable(uint Oid, string Name, IReadOnlyList<SampleColumn> Columns);
