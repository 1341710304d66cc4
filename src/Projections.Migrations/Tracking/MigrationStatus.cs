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

    /// <summary>Whether it has no number, and no way back.</summary>
    internal bool IsRepeatable => IsRepeatableVersion(Version);

    /// <summary>Puts files and rows side by side.</summary>
    public static IReadOnlyList<MigrationStatus> Compare(IEnumerable<Migration> migrations, IReadOnlyList<TrackedMigration> tracked)
    {
        var rows = tracked.ToDictionary(row => row.Version);
        var newest = tracked.Select(row => row.Version).Where(version => !IsRepeatableVersion(version)).DefaultIfEmpty(long.MinValue).Max();
        var ranLast = new Dictionary<Migration, DateTime>();
        var statuses = new List<MigrationStatus>();
        foreach (var migration in migrations)
        {
            rows.Remove(migration.Version, out var row);
            statuses.Add(new MigrationStatus(migration.Version, migration.Name, migration.IsRepeatable ? StateOf(migration, row, ranLast) : StateOf(migration, row, newest), migration, row));
        }

        // What a repeatable one has made stays when its file is gone; a migration with a number drops it.
        statuses.AddRange(rows.Values.Where(row => !IsRepeatableVersion(row.Version)).Select(row => new MigrationStatus(row.Version, row.Name, MigrationState.Missing, null, row)));
        return [.. statuses.OrderBy(status => Math.Min(status.Version, Files.Migration.FirstRepeatable))];
    }

    private static bool IsRepeatableVersion(long version) => version >= Files.Migration.FirstRepeatable;

    // What ran after one that uses it may have taken that one's things away (DROP … CASCADE), be it in a run that went no further.
    private static MigrationState StateOf(Migration repeatable, TrackedMigration? row, Dictionary<Migration, DateTime> ranLast)
    {
        if (row is { State: TrackedState.Done } && SameText(repeatable, row) is { } same && repeatable.Uses.All(used => ranLast.GetValueOrDefault(used) <= row.AppliedAt))
        {
            ranLast[repeatable] = row.AppliedAt;
            return same;
        }

        ranLast[repeatable] = DateTime.MaxValue;
        return MigrationState.Pending;
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

        return SameText(migration, row) ?? MigrationState.Changed;
    }

    private static MigrationState? SameText(Migration migration, TrackedMigration row) =>
        row.Checksum == migration.Up.Checksums.Raw ? MigrationState.Applied
        : row.ChecksumNormalised == migration.Up.Checksums.Normalised ? MigrationState.AppliedLineEndsDiffer
        : null;
}
