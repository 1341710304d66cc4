namespace Projections.Migrations.Safety.Catalog;

/// <summary>A column of a table or view.</summary>
/// <param name="Table">The table's number.</param>
/// <param name="Number">Its own number in the table, which outlives a new name.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, as SQL.</param>
/// <param name="IsRequired">Whether it refuses NULL, though rows that were there before may have it while a constraint is NOT VALID.</param>
/// <param name="Default">The expression that fills it; <c>null</c> for none.</param>
/// <param name="IsIdentity">Whether it numbers rows.</param>
/// <param name="IsGenerated">Whether the default is computed from other columns.</param>
internal sealed record CatalogColumn(
    uint Table, short Number, string Name, string Type, bool IsRequired, string? Default, bool IsIdentity, bool IsGenerated)
{
    public bool FillsItself => Default is not null || IsIdentity;

    public bool IsSerial => Default?.StartsWith("nextval(", StringComparison.Ordinal) == true;
}
