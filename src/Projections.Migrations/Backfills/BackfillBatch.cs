namespace Projections.Migrations.Backfills;

/// <summary>A range of keys, both ends included, as text.</summary>
internal sealed record BackfillBatch(string First, string Last, long Rows);
