using Projections.Migrations.Parsing;

namespace Projections.Migrations.Files;

/// <summary>Puts the files of a folder together into migrations, and names what does not fit.</summary>
internal static class MigrationPairing
{
    // Numbers this long are timestamps (yyyyMMdd… or longer), between which there is nothing to miss.
    private const int TimestampDigits = 8;

    public static IReadOnlyList<Migration> Pair(IReadOnlyList<NamedFile> files, List<FileProblem> problems)
    {
        var migrations = new List<Migration>();
        foreach (var group in files.GroupBy(file => file.Version).OrderBy(group => group.Key))
        {
            if (PairOne([.. group], problems) is { } migration)
            {
                migrations.Add(migration);
            }
        }

        FindGaps(files, problems);
        return migrations;
    }

    private static Migration? PairOne(IReadOnlyList<NamedFile> files, List<FileProblem> problems)
    {
        var first = files[0];
        if (files.Any(file => file.Name != first.Name || file.Number != first.Number) || files.DistinctBy(file => file.File.Kind).Count() < files.Count)
        {
            problems.Add(new FileProblem(
                first.File.Path, null,
                $"Number {first.Number} is used more than once: {string.Join(", ", files.Select(file => Path.GetFileName(file.File.Path)).Distinct())}. Give the later one the next free number."));
            return null;
        }

        var up = files.FirstOrDefault(file => file.File.Kind is MigrationFileKind.Up)?.File;
        var down = files.FirstOrDefault(file => file.File.Kind is MigrationFileKind.Down)?.File;
        var backfill = files.FirstOrDefault(file => file.File.Kind is MigrationFileKind.Backfill)?.File;
        var backfillDown = files.FirstOrDefault(file => file.File.Kind is MigrationFileKind.BackfillDown)?.File;
        var problem = ProblemOf(first, up, down, backfill, backfillDown);
        if (problem is not null)
        {
            problems.Add(problem);
            return null;
        }

        return backfill is not null
            ? new Migration(first.Version, first.Number, first.Name, backfill, backfillDown)
            : new Migration(first.Version, first.Number, first.Name, up!, down);
    }

    private static FileProblem? ProblemOf(
        NamedFile first, MigrationFile? up, MigrationFile? down, MigrationFile? backfill, MigrationFile? backfillDown)
    {
        var id = $"{first.Number}_{first.Name}";
        if (backfill is not null || backfillDown is not null)
        {
            return BackfillProblem(id, first, up ?? down, backfill, backfillDown);
        }

        if (up is null)
        {
            return new FileProblem(first.File.Path, null, $"There is no {id}.up.sql beside it.");
        }

        if (down is null)
        {
            return new FileProblem(up.Path, null, $"There is no {id}.down.sql. Write it; if the migration truly cannot be undone, let it hold only '-- irreversible: reason'.");
        }

        if (up.FrontMatter.EachTenant != down.FrontMatter.EachTenant)
        {
            return new FileProblem(down.Path, null, "One of the two files says '-- tenants: each' and the other does not. Both go to the same schemas.");
        }

        return down.FrontMatter.Irreversible is null && down.Statements.Count == 0
            ? new FileProblem(down.Path, null, "The way back holds no statement. Write it (in a file of its own, or behind a line '-- down'), or '-- irreversible: reason'.")
            : null;
    }

    private static FileProblem? BackfillProblem(
        string id, NamedFile first, MigrationFile? schemaFile, MigrationFile? backfill, MigrationFile? backfillDown)
    {
        if (schemaFile is not null)
        {
            return new FileProblem(schemaFile.Path, null, $"{id} is a backfill and a schema migration. Data moves in a migration of its own: give one of them the next number.");
        }

        if (backfill is null)
        {
            return new FileProblem(first.File.Path, null, $"There is no {id}.backfill.sql beside it.");
        }

        return new[] { backfill, backfillDown }.OfType<MigrationFile>().Select(ShapeProblem).FirstOrDefault(problem => problem is not null);
    }

    private static FileProblem? ShapeProblem(MigrationFile file)
    {
        if (file.FrontMatter.Irreversible is not null)
        {
            return null;
        }

        var bounds = file.Statements.SelectMany(statement => statement.Tokens)
            .Where(token => token.Kind == SqlTokenKind.Parameter).Select(token => token.Text).ToHashSet();
        return file.FrontMatter.Table is null || file.FrontMatter.Key is null || file.Statements.Count != 1 || !bounds.SetEquals([":first", ":last"])
            ? new FileProblem(file.Path, null, "A backfill names its table and key ('-- table: orders', '-- key: id') and is one statement that works on the rows whose key is 'BETWEEN :first AND :last'.")
            : null;
    }

    private static void FindGaps(IReadOnlyList<NamedFile> files, List<FileProblem> problems)
    {
        var numbers = files.Where(file => file.Number.Length < TimestampDigits).DistinctBy(file => file.Version).OrderBy(file => file.Version).ToList();
        for (var i = 1; i < numbers.Count; i++)
        {
            var (before, after) = (numbers[i - 1], numbers[i]);
            if (after.Version != before.Version + 1)
            {
                problems.Add(new FileProblem(
                    after.File.Path, null,
                    $"Between {before.Number} and {after.Number} {(after.Version == before.Version + 2 ? "a number is" : "numbers are")} missing. Was a file forgotten, or renamed? Numbers follow each other without a gap."));
            }
        }
    }
}

/// <summary>A file with what its name says.</summary>
internal sealed record NamedFile(long Version, string Number, string Name, MigrationFile File);
