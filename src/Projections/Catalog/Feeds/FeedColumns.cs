using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>The columns that readers see of two versions, so that rows which are the same to them compare as equal.</summary>
internal sealed class FeedColumns
{
    private readonly IReadOnlyList<(string Name, bool AsText)> _columns;

    private FeedColumns(IReadOnlyList<(string Name, bool AsText)> columns) => _columns = columns;

    /// <returns><c>null</c> when their rows cannot be compared: the keys are not of the same columns, or a column has become another thing.</returns>
    public static FeedColumns? Of(ProjectionVersion earlier, ProjectionVersion later, IReadOnlyList<string> shown)
    {
        var columns = new List<(string, bool)>();
        foreach (var name in shown)
        {
            var (before, after) = (TypeOf(earlier, name), TypeOf(later, name));
            if (before is null || after is null || (before != after && (KindOf(before) is not { } kind || KindOf(after) != kind)))
            {
                return null;
            }

            columns.Add((name, before != after));
        }

        return earlier.KeyColumns.SequenceEqual(later.KeyColumns) ? new FeedColumns(columns) : null;
    }

    /// <summary>The columns of a row, by its name in the statement.</summary>
    public string In(string row) => string.Join(", ", _columns.Select(column => $"{row}.{SqlName.Quote(column.Name)}{(column.AsText ? "::text" : "")}"));

    private static string? TypeOf(ProjectionVersion version, string name) => version.Columns!.FirstOrDefault(column => column.Name == name)?.Type;

    /// <summary>Whether a type's text is what stands in JSON: a number, or a text.</summary>
    private static string? KindOf(string type) => type.Split('(')[0] switch
    {
        "smallint" or "integer" or "bigint" or "real" or "double precision" or "numeric" => "number",
        "text" or "character varying" or "citext" or "uuid" => "text",
        _ => null,
    };
}
