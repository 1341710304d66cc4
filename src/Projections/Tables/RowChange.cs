namespace Projections.Tables;

/// <summary>What a handler does with a row.</summary>
internal enum RowChange
{
    Create,
    Update,
    Upsert,
    Delete,
}
