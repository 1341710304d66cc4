using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;

namespace Projections.Migrations.Importing;

/// <summary>Writes another tool's migrations as pairs, with their numbers. Nothing of theirs is changed.</summary>
/// <param name="from">The other tool's folder.</param>
/// <param name="to">The service's folder; it is created if it is not there.</param>
public sealed class MigrationImport(string from, string to)
{
    private const string NoWayBack = "-- irreversible: ";

    // The digits that a file's name can have.
    private const int LongestNumber = 18;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<string> _notes = [];
    private bool _isAnyDotted;

    /// <summary>The layouts that can be read.</summary>
    public static IReadOnlyList<string> Layouts { get; } = [.. ImportLayout.All.Select(layout => layout.Name)];

    /// <param name="layout">One of <see cref="Layouts"/>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MigrationFilesInvalid">There is nothing to import, or a file of that name is there already.</exception>
    public async Task<ImportReport> RunAsync(string layout, CancellationToken cancellationToken)
    {
        var known = ImportLayout.All.Single(one => one.Name == layout);
        var parts = new List<ImportedPart>();
        string[] paths = Directory.Exists(from) ? [.. Directory.EnumerateFiles(from, "*.sql").Order(StringComparer.Ordinal)] : [];
        _isAnyDotted = paths.Any(path => known.FileName.Match(Path.GetFileName(path)).Groups["number"].ValueSpan.ContainsAny('.', '_'));
        foreach (var path in paths)
        {
            parts.AddRange(PartsOf(known, path, await ReadAsync(path, cancellationToken)));
        }

        if (parts.Count == 0)
        {
            throw new MigrationFilesInvalid([new FileProblem(from, null, $"There is no migration in the layout of {layout} here.{string.Concat(_notes.Select(note => $" {note}"))}")]);
        }

        var files = Render(parts).ToList();
        if (files.FirstOrDefault(file => File.Exists(file.Path)) is { Path: { } there })
        {
            throw new MigrationFilesInvalid([new FileProblem(there, null, "The file is there already, and nothing was written. Import into a folder without it.")]);
        }

        Directory.CreateDirectory(to);
        foreach (var (path, text) in files)
        {
            await File.WriteAllTextAsync(path, text, cancellationToken);
        }

        return new ImportReport(
            [.. files.Select(file => file.Path)],
            [.. files.Where(file => file.Text.StartsWith(NoWayBack, StringComparison.Ordinal)).Select(file => Path.GetFileName(file.Path)[..^".down.sql".Length])],
            [.. _notes, .. await ProblemsAsync(cancellationToken)]);
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, StrictUtf8, cancellationToken);
        }
        catch (DecoderFallbackException)
        {
            throw new MigrationFilesInvalid([new FileProblem(path, null, "The file is not UTF-8. Save it as UTF-8 first.")]);
        }
    }

    private IEnumerable<ImportedPart> PartsOf(ImportLayout layout, string path, string text)
    {
        if (layout.Repeatable?.Match(Path.GetFileName(path)) is { Success: true } repeatable)
        {
            return [new ImportedPart($"R__{MigrationName.Of(repeatable.Groups["name"].Value)}", null, false, WithoutFrame(text), false)];
        }

        var name = layout.FileName.Match(Path.GetFileName(path));
        if (!name.Success || NumberOf(name.Groups["number"].Value) is not { } number)
        {
            _notes.Add($"{path} was left out: {(name.Success ? "its number is longer than a whole number can be" : "its name is not that of a migration")}.");
            return [];
        }

        var version = long.Parse(number, CultureInfo.InvariantCulture);
        var id = $"{number}_{MigrationName.Of(name.Groups["name"].Value)}";
        if (layout.Marker is not { } marker)
        {
            return [new ImportedPart(id, version, name.Groups["down"].Success, WithoutFrame(text), false)];
        }

        var both = MarkedParts.Of(text, marker);
        return
        [
            .. new[] { (IsBack: false, Text: both.Up), (IsBack: true, Text: both.Down) }
                .Select(part => new ImportedPart(id, version, part.IsBack, Without(layout.Meta!, part.Text), IsAnyLine(layout.WithoutTransaction!, part.Text))),
        ];
    }

    // Where one version has several parts, all of them become whole numbers in the same way, so that their order stays.
    private string? NumberOf(string version)
    {
        if (_isAnyDotted)
        {
            return DottedVersion.ToWhole(version) is { } whole ? DottedVersion.Render(whole) : null;
        }

        return version.Length <= LongestNumber ? version : null;
    }

    private IEnumerable<(string Path, string Text)> Render(List<ImportedPart> parts)
    {
        foreach (var repeatable in parts.Where(part => part.Version is null))
        {
            yield return (Path.Combine(to, $"{repeatable.Id}.sql"), repeatable.Render());
        }

        foreach (var migration in parts.Where(part => part.Version is not null).GroupBy(part => part.Version).OrderBy(group => group.Key))
        {
            var up = migration.FirstOrDefault(part => !part.IsBack);
            if (up is null)
            {
                _notes.Add($"{migration.First().Id} was left out: it has a way back and no way there.");
                continue;
            }

            var down = migration.FirstOrDefault(part => part.IsBack && StatementSplitter.Split(part.Text).Count > 0);
            yield return (Path.Combine(to, $"{up.Id}.up.sql"), up.Render());
            yield return (Path.Combine(to, $"{up.Id}.down.sql"), down?.Render() ?? $"{NoWayBack}there was none where this was imported from{Environment.NewLine}");
        }
    }

    // What the runner would refuse later is told now.
    private async Task<IEnumerable<string>> ProblemsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await MigrationFolder.ReadAsync(to, cancellationToken);
            return [];
        }
        catch (MigrationFilesInvalid invalid)
        {
            return invalid.Problems.Select(problem => problem.ToString());
        }
    }

    private static string Without(Regex lines, string text) => string.Join('\n', text.Split('\n').Where(line => !lines.IsMatch(line)));

    private static bool IsAnyLine(Regex line, string text) => text.Split('\n').Any(one => line.IsMatch(one));

    // BEGIN and COMMIT around the whole say what the runner does anyway.
    private static string WithoutFrame(string text)
    {
        var statements = StatementSplitter.Split(text);
        if (statements is not [var first, .., var last] || !IsOnly(first, "begin") || !(IsOnly(last, "commit") || IsOnly(last, "end")))
        {
            return text;
        }

        var begin = first.Tokens[^1].End;
        return text[..first.Tokens[0].Offset] + text[(text.IndexOf(';', begin) + 1)..last.Tokens[0].Offset];
    }

    private static bool IsOnly(SqlStatement statement, string word) =>
        statement.StartsWith(word) && (statement.Tokens.Count == 1 || (statement.Tokens.Count == 2 && (statement.Tokens[1].Is("transaction") || statement.Tokens[1].Is("work"))));

    private sealed record ImportedPart(string Id, long? Version, bool IsBack, string Text, bool WithoutTransaction)
    {
        public string Render() => $"{(WithoutTransaction ? "-- transaction: none\n" : "")}{Text.Trim()}\n";
    }
}
