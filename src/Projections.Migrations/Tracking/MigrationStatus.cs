using Projections.Migrations.Files;

namespace Projections.Migrations.Tracking;

/// <summary>One line of <c>projections migrate status</c>.</summary>
/// <param name="Version">The migration's number.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">What it is to the database.</param>
/// <param name="Migration">Its files; <c>null</c> when they are gone.</param>
/// <param name="Tracked">Its row: when, how long, by whom; <c>null</c> when it has none.</param>
public sealed record MigrationStatus(
    long Version, string Name, MigrationState State, Migration? Migration, TrackedMigration? Tracked)
{
    /// <summary>Whether its way back reads differently than when it was applied. That is no error: going back runs the file as it is now.</summary>
    public bool HasOtherWayBack => Migration is not null && Tracked?.HasOtherWayBack(Migration) == true;

    public string Id => Migration?.Id ?? $"{Version}_{Name}";

    /// <summary>Puts files and rows side by side.</summary>
    public static IReadOnlyList<MigrationStatus> Compare(IEnumerable<Migration> migrations, IReadOnlyList<TrackedMigration> tracked)
    {
        var rows = tracked.ToDictionary(row => row.Version);
        var newest = tracked.Count == 0 ? long.MinValue : tracked.Max(row => row.Version);
        var statuses = new List<MigrationStatus>();
        foreach (var migration in migrations)
        {
            rows.Remove(migration.Version, out var row);
            statuses.Add(new MigrationStatus(migration.Version, migration.Name, StateOf(migration, row, newest), migration, row));
        }

        statuses.AddRange(rows.Values.Select(row => new MigrationStatus(row.Version, row.Name, MigrationState.Missing, null, row)));
        return [.. statuses.OrderBy(status => status.Version)];
    }

    private static MigrationState StateOf(Migration migration, TrackedMigration? row, long newest)
    {
        if (row is null)
        {
            return migration.Version < newest ? MigrationState.OutOfOrder : MigrationState.Pending;
        }

        if (row.State != TrackedState.Done)
        {
            return row.State == TrackedState.Started ? MigrationState.Interrupted : MigrationState.Reverting;
        }

        if (row.Checksum == migration.Up.Checksums.Raw)
        {
            return MigrationState.Applied;
        }

        return row.ChecksumNormalised == migration.Up.Checksums.Normalised ? MigrationState.AppliedLineEndsDiffer : MigrationState.Changed;
    }
}
