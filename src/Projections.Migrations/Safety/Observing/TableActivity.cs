namespace Projections.Migrations.Safety.Observing;

/// <summary>What a statement did to a table's rows.</summary>
/// <param name="Scans">How often it went through all of the table.</param>
/// <param name="Lookups">How often it looked rows up by an index.</param>
/// <param name="Changed">The rows that it inserted, updated or deleted.</param>
internal sealed record TableActivity(long Scans, long Lookups, long Changed)
{
    /// <summary>Half of the sample rows: no statement about single rows changes that many.</summary>
    public const int BulkRows = 25;

    /// <summary>Whether it went through the table, or changed many of its rows.</summary>
    public bool IsBulk => Scans > 0 || Changed >= BulkRows;

    public static TableActivity None { get; } = new(0, 0, 0);

    public TableActivity Since(TableActivity before) => new(Scans - before.Scans, Lookups - before.Lookups, Changed - before.Changed);
}
