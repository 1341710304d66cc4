namespace Projections.Migrations.Running;

/// <summary>A migration's row vanished from the tracking table while it ran: somebody else changed the table.</summary>
public sealed class TrackingRowLost(string migration, string table) : Exception(
    $"The row of {migration} is gone from {table}, although only one runner works at a time. Its change was rolled back. See who else writes that table, then run 'projections migrate status'.");
