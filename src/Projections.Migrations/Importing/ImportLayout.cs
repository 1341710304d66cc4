using System.Text.RegularExpressions;

namespace Projections.Migrations.Importing;

/// <summary>How another tool lays its files out.</summary>
internal sealed partial record ImportLayout
{
    /// <summary>What is known.</summary>
    public static IReadOnlyList<ImportLayout> All { get; } =
    [
        new()
        {
            Name = "goose",
            FileName = NumberedFile(),
            Marker = GooseMarker(),
            Meta = GooseMeta(),
            WithoutTransaction = GooseWithoutTransaction(),
        },
        new()
        {
            Name = "dbmate",
            FileName = NumberedFile(),
            Marker = DbmateMarker(),
            Meta = DbmateMarker(),
            WithoutTransaction = DbmateWithoutTransaction(),
        },
        new() { Name = "golang-migrate", FileName = PairedFile() },
        new() { Name = "flyway", FileName = FlywayFile(), Repeatable = FlywayRepeatable() },
    ];

    /// <summary>The tool, as the command line calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Which files are migrations. Its groups: <c>number</c>, <c>name</c>, and, where the way back has a file of its own, <c>up</c> or <c>down</c>.</summary>
    public required Regex FileName { get; init; }

    /// <summary>Which files run again when their text changes; <c>null</c> where the tool has none. Its group: <c>name</c>.</summary>
    public Regex? Repeatable { get; private init; }

    /// <summary>The line that begins a part of a file with both ways; <c>null</c> where each has its own.</summary>
    public Regex? Marker { get; private init; }

    /// <summary>Lines that are words to the tool and nothing to PostgreSQL.</summary>
    public Regex? Meta { get; private init; }

    /// <summary>The line by which a part says that it runs outside of a transaction.</summary>
    public Regex? WithoutTransaction { get; private init; }

    private const RegexOptions Ways = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;

    [GeneratedRegex(@"^(?<number>\d{1,18})[_-](?<name>.+)\.sql$", Ways)]
    private static partial Regex NumberedFile();

    [GeneratedRegex(@"^(?<number>\d{1,18})_(?<name>.+)\.(?:(?<up>up)|(?<down>down))\.sql$", Ways)]
    private static partial Regex PairedFile();

    [GeneratedRegex(@"^(?:(?<up>V)|(?<down>U))(?<number>[\d._]+?)__(?<name>.+)\.sql$", Ways)]
    private static partial Regex FlywayFile();

    [GeneratedRegex(@"^R__(?<name>.+)\.sql$", Ways)]
    private static partial Regex FlywayRepeatable();

    [GeneratedRegex(@"^\s*--\s*\+goose\s+(?<part>up|down)\b", Ways)]
    private static partial Regex GooseMarker();

    [GeneratedRegex(@"^\s*--\s*\+goose\b", Ways)]
    private static partial Regex GooseMeta();

    [GeneratedRegex(@"^\s*--\s*\+goose\s+no\s+transaction\b", Ways)]
    private static partial Regex GooseWithoutTransaction();

    [GeneratedRegex(@"^\s*--\s*migrate:(?<part>up|down)\b", Ways)]
    private static partial Regex DbmateMarker();

    [GeneratedRegex(@"^\s*--\s*migrate:(?:up|down)\b.*\btransaction:\s*false\b", Ways)]
    private static partial Regex DbmateWithoutTransaction();
}
