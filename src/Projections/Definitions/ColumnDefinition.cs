
namespace Projections.Definitions;

/// <summary>A column, as a row type asks for it or as a table has it.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">PostgreSQL's name of the type, as <c>format_type</c> gives it, with its length or precision: <c>numeric(14,2)</c>,
/// <c>timestamp with time zone</c>, <c>text[]</c>.</param>
/// <param name="IsNullable">Whether it takes NULL.</param>
/// <param name="KeyOrdinal">Its place in the primary key, from 1; 0 when it is not in the key.</param>
public sealed record ColumnDefinition(string Name, string Type, bool IsNullable, int KeyOrdinal);
