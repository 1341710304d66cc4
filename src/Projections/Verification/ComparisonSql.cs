using System.Globalization;
using Projections.Postgres;

namespace Projections.Verification;

/// <summary>The statements of a comparison. A range of keys is in the parameters <c>$1</c>, behind which it begins, and <c>$2</c>, its last.</summary>
/// <remarks>
/// The columns' hashes of a row are put together by exclusive or, each with a seed of its own, and so are the rows' hashes. In between stands one more
/// hash: without it two rows that have exchanged a value would undo each other's trace. It has 32 bits, so that a single row that differs goes
/// unnoticed once in four billion comparisons. One hash of a whole record would be less to write, and takes twice the time.
/// See https://www.postgresql.org/docs/current/functions-comparisons.html for <c>is distinct from</c>:
/// values that are equal without being the same (1.5 and 1.50) are equal rows in the end, whatever their hashes.
/// </remarks>
internal sealed class ComparisonSql(ComparisonPlan plan)
{
    private readonly ComparedColumn[] _key = [.. plan.Columns.Where(column => column.IsKey)];
    private readonly ComparedColumn[] _values = [.. plan.Columns.Where(column => !column.IsKey)];

    /// <summary>
    /// Keys of both tables that divide what lies behind the key <c>$1</c> into about <c>$3</c> parts of like size, from a sample of <c>$2</c> percent of the
    /// pages.
    /// </summary>
    public string Boundaries(KeyRange range) =>
        $"""
        select array[{List(_key, column => $"{column.Quoted}::text")}]
        from (
            select *, row_number() over (order by {List(_key, column => column.Quoted)}) as place, count(*) over () as rows
            from ({Sample(plan.Earlier, range)} union all {Sample(plan.Later, range)}) as sample
        ) as numbered
        where place % greatest(rows / $3, 1) = 0
        order by place
        """;

    /// <summary>How many rows a range of a table has, and their hash. One scan, which the database shares out among several processes.</summary>
    public string Hash(ComparedTable table, KeyRange range) =>
        $"""
        select count(*), coalesce(bit_xor(hashint8extended({RowHash}, 0)), 0) from ({Renamed(table, range)}) as compared
        """;

    /// <summary>The rows of a range that differ: of each kind of difference how many there are, and the first <c>$3</c>.</summary>
    /// <param name="range">The range.</param>
    /// <param name="ofKeys">Whether only rows are looked at each of whose key's parts is in the parameter for it: <c>$4</c> and those behind it.</param>
    public string Differences(KeyRange range, bool ofKeys) =>
        $"""
        select kind, columns, rows_of_kind, row_key, earlier, later
        from (
            select *, count(*) over (partition by kind, columns) as rows_of_kind,
                   row_number() over (partition by kind, columns order by row_key) as place
            from ({Differing(range, ofKeys)}) as differing
        ) as numbered
        where place <= $3
        order by kind, columns, place
        """;

    /// <summary>The keys of the rows of a range that differ, as they are in the later table or else the earlier, at most <c>$3</c>.</summary>
    public string DifferingKeys(KeyRange range) =>
        $"""
        select row_key from ({Differing(range, ofKeys: false)}) as differing order by row_key limit $3
        """;

    private string RowHash => string.Join(" # ", plan.Columns.Select((column, i) => column.Hash(i + 1)));

    private string Sample(ComparedTable table, KeyRange range) =>
        $"""
        select {List(_key, column => $"{Ordered(table, column)} as {column.Quoted}")}
        from {table.Relation} tablesample system ($2::real) where {Within(table, range with { Through = null })}
        """;

    // The columns of the side are renamed to those of the report, so that both sides look the same.
    private string Renamed(ComparedTable table, KeyRange range)
    {
        var columns = List(plan.Columns, column => $"({Value(table, column)}){column.Type.Cast} as {column.Quoted}");
        return $"select {columns} from {table.Relation} where {string.Join(" and ", table.LeftOut.Select(condition => $"({condition}) is not true").Append(Within(table, range)))}";
    }

    private string OfKeys(ComparedTable table, bool ofKeys) => ofKeys
        ? string.Concat(_key.Select((column, i) => string.Create(
            CultureInfo.InvariantCulture, $" and {Ordered(table, column)} in (select part{column.Key!.BoundCast} from unnest(${i + 4}::text[]) as of_keys (part))")))
        : "";

    private string Within(ComparedTable table, KeyRange range)
    {
        var key = $"({List(_key, column => Ordered(table, column))})";
        return string.Join(" and ", Bounds(range).Select(bound => $"{key} {bound}").DefaultIfEmpty("true"));
    }

    private IEnumerable<string> Bounds(KeyRange range)
    {
        if (range.After is not null)
        {
            yield return $"> ({Bound("$1")})";
        }

        if (range.Through is not null)
        {
            yield return $"<= ({Bound("$2")})";
        }
    }

    private string Bound(string parameter) =>
        string.Join(", ", _key.Select((column, i) => string.Create(CultureInfo.InvariantCulture, $"({parameter}::text[])[{i + 1}]{column.Key!.BoundCast}")));

    private string Ordered(ComparedTable table, ComparedColumn column) => $"({Value(table, column)}){column.Key!.Cast}";

    private string Value(ComparedTable table, ComparedColumn column) => ReferenceEquals(table, plan.Earlier) ? column.Earlier : column.Later;

    private string Differing(KeyRange range, bool ofKeys) =>
        $"""
        select case when l.is_there is null then 'earlier' when e.is_there is null then 'later' else 'both' end as kind,
               case when e.is_there is null or l.is_there is null then '{"{}"}' else {DifferentColumns} end as columns,
               array[{List(_key, column => $"coalesce(e.{column.Quoted}, l.{column.Quoted})::text")}] as row_key,
               case when e.is_there then {Texts("e")} end as earlier,
               case when l.is_there then {Texts("l")} end as later
        from (select *, true as is_there from ({Renamed(plan.Earlier, range)}{OfKeys(plan.Earlier, ofKeys)}) as r) as e
        full join (select *, true as is_there from ({Renamed(plan.Later, range)}{OfKeys(plan.Later, ofKeys)}) as r) as l
          on {string.Join(" and ", _key.Select(column => $"e.{column.Quoted} = l.{column.Quoted}"))}
        where e.is_there is null or l.is_there is null{string.Concat(_values.Select(column => $" or {Distinct(column)}"))}
        """;

    private string DifferentColumns => _values.Length == 0
        ? "'{}'::text[]"
        : $"array_remove(array[{List(_values, column => $"case when {Distinct(column)} then {SqlName.Literal(column.Name)} end")}]::text[], null)";

    private string Texts(string side) =>
        _values.Length == 0 ? "'{}'::text[]" : $"array[{List(_values, column => $"{side}.{column.Quoted}::text")}]";

    private static string Distinct(ComparedColumn column) => $"e.{column.Quoted} is distinct from l.{column.Quoted}";

    private static string List(IEnumerable<ComparedColumn> columns, Func<ComparedColumn, string> sql) =>
        string.Join(", ", columns.Select(sql));
}
