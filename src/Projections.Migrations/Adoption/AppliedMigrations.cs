using System.Globalization;
using Npgsql;
using Projections.Migrations.Files;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Adoption;

/// <summary>Finds out which migrations a database has already, and when it got them where that is known.</summary>
internal static class AppliedMigrations
{
    /// <exception cref="MigrationRefused">It cannot be told, or a baseline cannot prove it.</exception>
    public static async Task<IReadOnlyDictionary<Migration, DateTime?>> FindAsync(
        NpgsqlConnection connection, IReadOnlyList<Migration> migrations, BaselineRequest request, CancellationToken cancellationToken)
    {
        var applied = request.FromTable is { } table
            ? OfHistory(migrations, await ReadHistoryAsync(connection, table, cancellationToken))
            : UpTo(migrations, request.To ?? 0);
        WithRepeatable(migrations, applied);
        return applied.Keys.FirstOrDefault(migration => migration.EachTenant) is { } perTenant
            ? throw Refused("tenants", $"{perTenant.Id} runs in each tenant's schema, of which a baseline can prove nothing. Let it stand behind the ones that are applied already, written so that it may run where it was (CREATE … IF NOT EXISTS).")
            : applied;
    }

    // What the repeatable ones make is there as soon as all the others are.
    private static void WithRepeatable(IReadOnlyList<Migration> migrations, Dictionary<Migration, DateTime?> applied)
    {
        if (migrations.All(migration => migration.IsRepeatable || applied.ContainsKey(migration)))
        {
            foreach (var repeatable in migrations.Where(migration => migration.IsRepeatable))
            {
                applied[repeatable] = null;
            }
        }
    }

    private static Dictionary<Migration, DateTime?> UpTo(IReadOnlyList<Migration> migrations, long to) =>
        migrations.Any(migration => migration.Version == to)
            ? migrations.Where(migration => migration.Version <= to).ToDictionary(migration => migration, _ => (DateTime?)null)
            : throw Refused("unknown-version", $"There is no migration {to}. Name the last one that the database has already by --to, or the table that says so by --from-table.");

    private static async Task<(ForeignHistory History, IReadOnlyList<ForeignVersion> Versions)> ReadHistoryAsync(
        NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        var columns = await ForeignHistory.ReadColumnsAsync(connection, table, cancellationToken);
        if (columns.Count == 0)
        {
            throw Refused("unknown-table", $"There is no table {table}. Name the one in which the other tool keeps what it has applied, with its schema.");
        }

        var history = ForeignHistory.Recognise(table, columns)
            ?? throw Refused("unknown-table", $"{table} is no tracking table that is known (Flyway's, goose's, golang-migrate's, Rails', dbmate's, or one with the columns version and applied_at). Say by --to what is applied.");
        var versions = await history.ReadAsync(connection, cancellationToken);
        return versions.FirstOrDefault(version => !version.IsWhole) is { } dirty
            ? throw Refused("dirty", $"By {table}, {history.Tool} stopped half way in {dirty.Version}. Finish or undo it with {history.Tool} first.")
            : (history, versions);
    }

    private static Dictionary<Migration, DateTime?> OfHistory(
        IReadOnlyList<Migration> migrations, (ForeignHistory History, IReadOnlyList<ForeignVersion> Versions) told)
    {
        var byVersion = migrations.ToDictionary(migration => migration.Version);
        var applied = new Dictionary<Migration, DateTime?>();
        var unknown = new List<string>();
        foreach (var version in told.Versions)
        {
            if (Find(version.Version) is { } migration)
            {
                applied[migration] = version.AppliedAt;
            }
            else
            {
                unknown.Add(version.Version);
            }
        }

        if (unknown.Count > 0)
        {
            throw Refused("missing", $"{told.History.Tool} has applied {string.Join(", ", unknown)}, of which there are no files. 'projections migrate import' brings them, with their numbers.");
        }

        return told.History.NamesNewestOnly && applied.Count > 0 ? UpTo(migrations, applied.Keys.Max(migration => migration.Version)) : applied;

        // An import keeps whole numbers, and makes one of each that has several parts, if any has.
        Migration? Find(string version) =>
            long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && byVersion.TryGetValue(number, out var whole) ? whole
            : DottedVersion.ToWhole(version) is { } made ? byVersion.GetValueOrDefault(made)
            : null;
    }

    private static MigrationRefused Refused(string id, string message) => new([new Refusal(id, message)]);
}
