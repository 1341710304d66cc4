using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Projections.Migrations.Files;

/// <summary>The folder of one service's migrations: <c>migrations/billing/003_add_total.up.sql</c> and its fellows.</summary>
public static partial class MigrationFolder
{
    /// <summary>Reads and checks every file of the folder.</summary>
    /// <returns>The migrations in the order of their numbers, and behind them the repeatable ones in the order of their dependencies.</returns>
    /// <exception cref="MigrationFilesInvalid">A file cannot be read, is not named as it must, has no partner, shares its number
    /// with another, or holds what a runner cannot send; or a number is missing in the sequence.</exception>
    public static async Task<IReadOnlyList<Migration>> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            throw new MigrationFilesInvalid([new FileProblem(folder, null, "There is no such folder. 'projections migrate create NAME' writes the first migration.")]);
        }

        var problems = new List<FileProblem>();
        var files = new List<NamedFile>();
        var isAnyUnread = false;
        var paths = Directory.EnumerateFiles(folder, "*.sql").Order(StringComparer.Ordinal).ToList();
        foreach (var path in paths)
        {
            var content = await File.ReadAllBytesAsync(path, cancellationToken);
            var read = Read(path, content, problems);
            files.AddRange(read);
            isAnyUnread |= read.Count == 0;
        }

        // A file that could not be read would be missed by its partner as well; that would be the same problem told twice.
        var isRepeatable = files.ToLookup(file => file.File.Kind == MigrationFileKind.Repeatable);
        IReadOnlyList<Migration> migrations = isAnyUnread ? [] : [.. MigrationPairing.Pair([.. isRepeatable[false]], problems), .. RepeatableOrder.Of(isRepeatable[true])];
        return problems.Count == 0 ? migrations : throw new MigrationFilesInvalid(problems);
    }

    /// <returns>One file; two where the way back stands in it as well; none where there is a problem.</returns>
    private static IReadOnlyList<NamedFile> Read(string path, byte[] content, List<FileProblem> problems)
    {
        var name = FileName().Match(Path.GetFileName(path));
        var repeatable = RepeatableName().Match(Path.GetFileName(path));
        if (!name.Success && !repeatable.Success)
        {
            problems.Add(new FileProblem(path, null, "The name is not understood. Migrations are named 003_add_total.up.sql and 003_add_total.down.sql, or 003_add_total.sql with both behind lines '-- up' and '-- down'; repeatable ones R__views.sql; backfills 004_fill_total.backfill.sql and, where the data must go back, 004_fill_total.backfill.down.sql."));
            return [];
        }

        try
        {
            if (repeatable.Success)
            {
                return [ReadRepeatable(path, repeatable.Groups["name"].Value, content, problems)];
            }

            MigrationFile[] files = name.Groups["kind"].Value is { Length: > 0 } kind
                ? [MigrationFile.Parse(path, KindOf(kind), content)]
                : MigrationFile.ParseBoth(path, content) is var (up, down) ? [up, down] : [];
            problems.AddRange(files.SelectMany(StatementProblems.Of));
            var number = name.Groups["number"].Value;
            return [.. files.Select(file => new NamedFile(long.Parse(number, CultureInfo.InvariantCulture), number, name.Groups["name"].Value, file))];
        }
        catch (FrontMatterInvalid invalid)
        {
            problems.Add(new FileProblem(path, invalid.Line, invalid.Message));
        }
        catch (DecoderFallbackException)
        {
            problems.Add(new FileProblem(path, null, "The file is not UTF-8. Save it as UTF-8; PostgreSQL would otherwise store other characters than you see."));
        }

        return [];
    }

    private static NamedFile ReadRepeatable(string path, string name, byte[] content, List<FileProblem> problems)
    {
        var file = MigrationFile.Parse(path, MigrationFileKind.Repeatable, content);
        problems.AddRange(StatementProblems.Of(file));
        if (file.FrontMatter.WithoutTransaction)
        {
            problems.Add(new FileProblem(path, null, "A repeatable migration is one transaction, so that it is there as a whole or as it was. Put what needs none into a migration with a number."));
        }

        return new NamedFile(RepeatableOrder.VersionOf(name), "R_", name, file);
    }

    private static MigrationFileKind KindOf(string ending) => ending switch
    {
        "up" => MigrationFileKind.Up,
        "down" => MigrationFileKind.Down,
        "backfill" => MigrationFileKind.Backfill,
        _ => MigrationFileKind.BackfillDown,
    };

    [GeneratedRegex(@"^(?<number>\d{1,18})_(?<name>[a-z0-9][a-z0-9_]*)(?:\.(?<kind>up|down|backfill|backfill\.down))?\.sql$", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();

    [GeneratedRegex(@"^R__(?<name>[a-z0-9][a-z0-9_]*)\.sql$", RegexOptions.CultureInvariant)]
    private static partial Regex RepeatableName();
}
