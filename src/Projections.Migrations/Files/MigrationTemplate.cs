using System.Globalization;
using System.Text.RegularExpressions;

namespace Projections.Migrations.Files;

/// <summary>Writes the files of a new migration.</summary>
public static partial class MigrationTemplate
{
    /// <summary>Writes both files with the next number of the folder, which is created if it is not there.</summary>
    /// <param name="folder">The service's folder.</param>
    /// <param name="name">What the migration does, such as <c>add total</c>; it becomes small letters with underscores.</param>
    /// <param name="isBackfill">Whether it moves data in batches, instead of changing the schema.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The paths of the files.</returns>
    /// <exception cref="MigrationFilesInvalid">The name holds no letter or digit.</exception>
    public static async Task<IReadOnlyList<string>> CreateAsync(string folder, string name, bool isBackfill, CancellationToken cancellationToken)
    {
        var words = MigrationName.Of(name);
        if (words.Length == 0)
        {
            throw new MigrationFilesInvalid([new FileProblem(folder, null, $"'{name}' gives no name for a file. Say in a few words what the migration does: add_total.")]);
        }

        Directory.CreateDirectory(folder);
        var id = $"{NextNumbers(folder, 1)[0]}_{words}";
        (string Ending, string Text)[] files = isBackfill ? [(".backfill.sql", Backfill)] : [(".up.sql", Up), (".down.sql", Down)];
        foreach (var (ending, text) in files)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, id + ending), text, cancellationToken);
        }

        return [.. files.Select(file => Path.Combine(folder, id + file.Ending))];
    }

    /// <summary>The numbers of the next files. Where timestamps are the numbers, the next one is now; otherwise it is one more, as wide as the last.</summary>
    internal static IReadOnlyList<string> NextNumbers(string folder, int count)
    {
        var last = (Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.sql") : []).Select(path => Number().Match(Path.GetFileName(path)).Value)
            .Where(number => number.Length is > 0 and <= 18).OrderBy(number => long.Parse(number, CultureInfo.InvariantCulture)).LastOrDefault() ?? "000";
        var now = TimeProvider.System.GetUtcNow();
        return
        [
            .. Enumerable.Range(0, count).Select(i => last.Length >= 8
                ? now.AddSeconds(i).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)
                : (long.Parse(last, CultureInfo.InvariantCulture) + 1 + i).ToString(CultureInfo.InvariantCulture).PadLeft(last.Length, '0')),
        ];
    }

    private const string Up =
        """
        -- What this changes, and why.
        -- Settings, each a line of its own, without the second dashes:
        -- -- transaction: none           statements run one by one (CREATE INDEX CONCURRENTLY, VACUUM)
        -- -- lock-timeout: 2s            how long a statement waits for a lock
        -- -- statement-timeout: 5min     how long a statement may run
        -- -- tenants: each               runs in every tenant's schema
        -- -- safety: allow RULE "reason" accepts a finding of 'projections migrate check'

        """;

    private const string Down =
        """
        -- The way back. If there is none, let the file hold only a line '-- irreversible:' with the reason.

        """;

    private const string Backfill =
        """
        -- What this fills, and why.
        -- table: the_table
        -- key: id
        UPDATE the_table SET the_column = 'value'
         WHERE id BETWEEN :first AND :last AND the_column IS NULL;

        """;

    [GeneratedRegex(@"^\d+", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
