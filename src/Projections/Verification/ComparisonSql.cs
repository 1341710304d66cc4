using Projections.Postgres;

namespace Projections.Verification;

/// <summary>The statements of a comparison.</summary>
/// <remarks>
/// A record's hash adds its columns' hashes up, and some of those are thin: 1 and 10000 as <c>numeric</c> have hashes that differ in one
/// bit. Of rows that differ in such a way, or that have exchanged a value, one would undo the other's trace. So each row's hash is
/// hashed once more before the rows' hashes are put together: what is left of two differences is as good as random then.
/// See https://www.postgresql.org/docs/current/functions-comparisons.html for <c>is distinct from</c>:
/// values that are equal without being the same (1.5 and 1.50) are equal rows in the end, whatever their hashes.
/// </remarks>
internal sealed class ComparisonSql(ComparisonPlan plan)
{
    /// <summary>How many chunks the rows are dealt into by their keys. At ten million rows a chunk has some six hundred, and the
    /// chunks' hashes of both tables take about a megabyte here.</summary>
    public const int Chunks = 16_384;

    private readonly ComparedColumn[] _key = [.. plan.Columns.Where(column => column.IsKey)];
    private readonly ComparedColumn[] _values = [.. plan.Columns.Where(column => !column.IsKey)];

    /// <summary>How many rows a table has, and their hash. One scan, which the database shares out among several processes; it does
    /// not do that with <see cref="ChunkHashes"/>.</summary>
    public string WholeHash(ComparedTable table) =>
        $"""
        select count(*), coalesce(bit_xor({RowHash}), 0) from ({Renamed(table)}) as compared
        """;

    /// <summary>A row a chunk: its number, how many rows it has, and their hash. One scan of the table.</summary>
    public string ChunkHashes(ComparedTable table) =>
        $"""
        select key_hash & {Chunks - 1}, count(*), bit_xor({RowHash})
        from ({Rows(table)}) as compared
        group by 1
        """;

    /// <summary>
    /// The rows of the chunks <c>$1</c> that differ: of each kind of difference how many there are, and the first <c>$2</c>.
    /// </summary>
    public string Differences =>
        $"""
        select kind, columns, rows_of_kind, row_key, earlier, later
        from (
            select *, count(*) over (partition by kind, columns) as rows_of_kind,
                   row_number() over (partition by kind, columns order by row_key) as place
            from ({Differing}) as differing
        ) as numbered
        where place <= $2
        order by kind, columns, place
        """;

    /// <summary>The keys of the rows of the chunks <c>$1</c> that differ, as they are in the later table or else the earlier, at most <c>$2</c>.</summary>
    public string DifferingKeys =>
        $"""
        select row_key from ({Differing}) as differing order by row_key limit $2
        """;

    private string RowHash => $"hashtextextended(hash_record_extended(row({List(plan.Columns, column => column.Hashed)}), 0)::text collate \"C\", 0)";

    // OFFSET 0 keeps the planner from working the key's hash out twice.
    private string Rows(ComparedTable table) =>
        $"""
        select *, hash_record_extended(row({List(_key, column => column.Hashed)}), 0) as key_hash
        from ({Renamed(table)}) as renamed
        offset 0
        """;

    // The columns of the side are renamed to those of the report, so that both sides look the same.
    private string Renamed(ComparedTable table)
    {
        var isEarlier = ReferenceEquals(table, plan.Earlier);
        var columns = List(plan.Columns, column => $"({(isEarlier ? column.Earlier : column.Later)}){column.Type.Cast} as {column.Quoted}");
        var leftOut = string.Join(" and ", table.LeftOut.Select(condition => $"({condition}) is not true").DefaultIfEmpty("true"));
        return $"select {columns} from {table.Relation} where {leftOut}";
    }

    private string Differing =>
        $"""
        select case when l.key_hash is null then 'earlier' when e.key_hash is null then 'later' else 'both' end as kind,
               case when e.key_hash is null or l.key_hash is null then '{"{}"}' else {DifferentColumns} end as columns,
               array[{List(_key, column => $"coalesce(e.{column.Quoted}, l.{column.Quoted})::text")}] as row_key,
               case when e.key_hash is not null then {Texts("e")} end as earlier,
               case when l.key_hash is not null then {Texts("l")} end as later
        from (select * from ({Rows(plan.Earlier)}) as r where key_hash & {Chunks - 1} = any ($1)) as e
        full join (select * from ({Rows(plan.Later)}) as r where key_hash & {Chunks - 1} = any ($1)) as l
          on {string.Join(" and ", _key.Select(column => $"e.{column.Quoted} = l.{column.Quoted}"))}
        where e.key_hash is null or l.key_hash is null{string.Concat(_values.Select(column => $" or {Distinct(column)}"))}
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
