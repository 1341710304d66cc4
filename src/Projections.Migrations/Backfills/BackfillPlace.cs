namespace Projections.Migrations.Backfills;

/// <summary>A range of keys, both ends included, as text.</summary>
internal sealed record BackfillBatch(string First, string Last, long Rows);

/// <summary>How far a backfill has come.</summary>
/// <param name="LastKey">The last key that is done, as text; <c>null</c> before the first batch.</param>
/// <param name="EndKey">The highest key that there was when it began; <c>null</c> when the table was empty.</param>
/// <param name="RowsDone">Rows walked so far.</param>
internal sealed record BackfillPlace(string? LastKey, string? EndKey, long RowsDone);
