using System.Globalization;
using System.Text.RegularExpressions;
using Projections.Commands;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.Scaffolding;

/// <summary>The next version of a projection, copied from one that there is: its table, indexes, class and namespace get the next number, all else stays.</summary>
internal static class VersionCopy
{
    /// <param name="registry">The versions that there are.</param>
    /// <param name="projection">The projection.</param>
    /// <param name="from">The version that is copied; <c>null</c>: the newest.</param>
    /// <param name="folder">Where files are looked for whose names begin with that of the version's class: its specs are copied, too.</param>
    /// <exception cref="OperationRefused">There is no such version, or its folder is not named after its number.</exception>
    public static IReadOnlyList<ScaffoldedFile> Of(ProjectionRegistry registry, ProjectionName projection, int? from, string folder)
    {
        ArgumentNullException.ThrowIfNull(registry);
        var id = new VersionId(projection, from ?? registry.VersionsOf(projection).Select(known => known.Id.Number).DefaultIfEmpty(1).Max());
        var version = registry.Find(id) ?? throw new OperationRefused($"Cannot copy {id}: {registry.WhyMissing(id)}", isMistake: true);
        var to = new VersionId(projection, registry.VersionsOf(projection).Max(known => known.Id.Number) + 1);
        var (place, files) = VersionFolder.Of(version.GetType()).ReadAll();
        var last = Number("V", id.Number);
        if (!place.EndsWith($"/{last}", StringComparison.Ordinal))
        {
            throw new OperationRefused($"Cannot copy {id}: its folder is {place}, and not one called {last}, in whose place another could stand. Copy it by hand.");
        }

        var next = $"{place[..^last.Length]}{Number("V", to.Number)}";
        return
        [
            // A seed says how rows follow from those of the version before.
            .. files.Where(file => file.Key != "seed.sql").Select(file => new ScaffoldedFile($"{next}/{Rename(file.Key, version, to)}", Rename(file.Value, version, to))),
            .. SpecsOf(version.GetType(), folder).Select(file => new ScaffoldedFile(
                RenameSpecs(Path.GetRelativePath(folder, file), version, to), RenameSpecs(File.ReadAllText(file).ReplaceLineEndings("\n"), version, to))),
        ];
    }

    /// <summary>The files about a version that lie elsewhere: <c>InvoiceSummaryV1Specs.cs</c>.</summary>
    private static IEnumerable<string> SpecsOf(Type version, string folder) =>
        Directory.EnumerateFiles(folder, $"{version.Name}?*.cs", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
            .Where(file => char.IsAsciiLetterUpper(Path.GetFileName(file)[version.Name.Length]))
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    private static string RenameSpecs(string text, ProjectionVersion version, VersionId to)
    {
        var name = version.GetType().Name;
        return Regex.Replace(Rename(text, version, to), $"(?<![A-Za-z0-9_]){name}(?=[A-Z])", ClassName(name, Number("V", version.Id.Number), Number("V", to.Number)));
    }

    private static string Rename(string text, ProjectionVersion version, VersionId to)
    {
        var type = version.GetType();
        var number = Number("V", version.Id.Number);
        var next = Number("V", to.Number);
        var renamed = Regex.Replace(text, $"(?<![A-Za-z0-9_]){version.Id.Table}(?![A-Za-z0-9])", to.Table);
        renamed = Regex.Replace(renamed, $"(?<![A-Za-z0-9_]){type.Name}(?![A-Za-z0-9_])", ClassName(type.Name, number, next));
        renamed = Regex.Replace(renamed, $"(\"{version.Id.Projection}\"\\s*,\\s*){Number("", version.Id.Number)}(?![0-9])", match => $"{match.Groups[1].Value}{Number("", to.Number)}");
        return type.Namespace is { } space && space.EndsWith($".{number}", StringComparison.Ordinal)
            ? Regex.Replace(renamed, $"(?<![A-Za-z0-9_.]){Regex.Escape(space)}(?![A-Za-z0-9_])", $"{space[..^number.Length]}{next}")
            : renamed;
    }

    private static string ClassName(string name, string number, string next) =>
        name.EndsWith(number, StringComparison.Ordinal) ? $"{name[..^number.Length]}{next}" : $"{name}{next}";

    private static string Number(string before, int number) => string.Create(CultureInfo.InvariantCulture, $"{before}{number}");
}
