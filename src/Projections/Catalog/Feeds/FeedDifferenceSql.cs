using System.Globalization;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>
/// The statements that find the rows in which two versions differed at a switch. Parameters are the projection, the switch's number, the version that was switched
/// to, and the one before.
/// </summary>
/// <param name="schema">Where the tables are.</param>
/// <param name="later">The version that was switched to.</param>
/// <param name="earlier">The one before; <c>null</c> where all rows count.</param>
/// <param name="columns">The columns that readers see, as both are compared; <c>null</c> where all rows count.</param>
internal sealed class FeedDifferenceSql(string schema, ProjectionVersion later, ProjectionVersion? earlier, FeedColumns? columns)
{
    private readonly IReadOnlyList<ColumnDefinition> _key = later.KeyColumns;

    /// <summary>The keys of rows that the later version has changed since the switch, and the rows as they were at it.</summary>
    public string Changed =>
        $"select key, before from projections.feed_touched where projection = $1 and number = $2 and version = $3{(earlier is null ? " and before is not null" : "")}";

    /// <summary>The rows that the later version has, and has not changed since the switch, and that the earlier one had otherwise, or not at all. Records are compared
    /// as they are stored: 3.5 and 3.50 are one number, and not one text.</summary>
    public string Rows => earlier is null
        ? $"{Touched} select {All(later, "l")} from {Table(later)} l left join touched t on t.version = $3 and {Same("t", "l")} where t.version is null"
        : $"""
           {Touched}
           select {All(later, "l")}
           from {Table(later)} l
           left join {Table(earlier)} e on {SameKey}
           left join touched t on t.version = $3 and {Same("t", "l")}
           left join touched o on o.version = $4 and {Same("o", "l")}
           where t.version is null and (e.{First} is null or o.version is not null or row({columns!.In("e")})::record *<> row({columns.In("l")})::record)
           """;

    /// <summary>The rows that the earlier version alone has.</summary>
    public string Gone =>
        $"""
        {Touched}
        select {All(earlier!, "e")}
        from {Table(earlier!)} e
        left join {Table(later)} l on {SameKey}
        left join touched t on t.version = $3 and {Same("t", "e")}
        where t.version is null and l.{First} is null
        """;

    /// <summary>The keys of rows that neither has, but that the earlier one has changed since the switch: it may have had them then.</summary>
    public string GoneSince =>
        $"""
        {Touched}
        select o.key, null
        from touched o
        left join {Table(later)} l on {Same("o", "l")}
        left join {Table(earlier!)} e on {Same("o", "e")}
        left join touched t on t.version = $3 and t.key = o.key
        where o.version = $4 and l.{First} is null and e.{First} is null and t.version is null
        """;

    private string First => SqlName.Quote(_key[0].Name);

    // A key comes back from its JSON as it came from the row.
    private string Touched =>
        $"""
        with touched as materialized (
            select version, key, {string.Join(", ", _key.Select((column, i) => string.Create(CultureInfo.InvariantCulture, $"(key::json ->> {SqlName.Literal(column.Name)})::{column.Type} as k{i}")))}
            from projections.feed_touched where projection = $1 and number = $2 and version in ($3, $4))
        """;

    private string Table(ProjectionVersion version) => SqlName.Quote(schema, version.Id.Table);

    private string Same(string touched, string row) =>
        string.Join(" and ", _key.Select((column, i) => string.Create(CultureInfo.InvariantCulture, $"{touched}.k{i} = {row}.{SqlName.Quote(column.Name)}")));

    private string SameKey => string.Join(" and ", _key.Select(column => $"e.{SqlName.Quote(column.Name)} = l.{SqlName.Quote(column.Name)}"));

    private static string All(ProjectionVersion version, string row) => string.Join(", ", version.Columns!.Select(column => $"{row}.{SqlName.Quote(column.Name)}"));
}
