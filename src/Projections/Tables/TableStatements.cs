using System.Globalization;
using System.Text;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Tables;

/// <summary>The SQL with which a version's rows are loaded, written and deleted.</summary>
internal sealed class TableStatements
{
    private readonly string _insertInto;
    private readonly string _merge;
    private readonly int _columns;

    public TableStatements(string schema, string table, IReadOnlyList<ColumnDefinition> columns, IReadOnlyList<ColumnDefinition> key)
    {
        var target = SqlName.Quote(schema, table);
        var stage = SqlName.Quote($"{table}_stage");
        var names = string.Join(", ", columns.Select(Quoted));
        var keyNames = string.Join(", ", key.Select(Quoted));
        var onConflict = string.Join(", ", columns.Where(column => column.KeyOrdinal == 0).Select(column => $"{Quoted(column)} = excluded.{Quoted(column)}"));
        var merge = onConflict.Length == 0
            ? $"on conflict ({keyNames}) do nothing"
            : $"on conflict ({keyNames}) do update set {onConflict}";
        var keyArrays = string.Join(", ", key.Select((column, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}::{column.Type}[]")));
        var keyMatches = string.Join(" and ", key.Select(column => $"t.{Quoted(column)} = k.{Quoted(column)}"));

        (_insertInto, _merge, _columns) = ($"insert into {target} ({names})", merge, columns.Count);
        Table = target;
        Load = $"""
            select {string.Join(", ", columns.Select(column => $"t.{Quoted(column)}"))}
            from {target} as t
            join unnest({keyArrays}) as k ({keyNames}) on {keyMatches}
            """;
        Delete = $"""
            delete from {target} as t
            using unnest({keyArrays}) as k ({keyNames})
            where {keyMatches}
            """;
        var keyIsAmong = string.Join(" and ", key.Select((column, i) => string.Create(CultureInfo.InvariantCulture, $"t.{Quoted(column)} = any (${i + 1}::{column.Type}[])")));
        LoadFromShards = $"{Load} where {keyIsAmong}";
        DeleteFromShards = $"{Delete} and {keyIsAmong}";
        InTwoPhases = $"""
            insert into {target} ({keyNames})
            select {string.Join(", ", key.Select(column => $"null::{column.Type}"))} from generate_series(1, 0)
            """;
        Insert = $"""
            insert into {target} ({names})
            values ({string.Join(", ", columns.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}")))})
            """;
        Merge = $"""
            {Insert}
            {merge}
            """;

        // Without casts: what a parameter is cast to by itself is what the column would cast it to, and refuse, in the statements of one row.
        InsertAll = $"""
            insert into {target} ({names})
            select * from unnest({string.Join(", ", columns.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}")))})
            """;
        MergeAll = $"""
            {InsertAll}
            {merge}
            """;
        Copy = $"copy {target} ({names}) from stdin (format binary)";
        CopyFrozen = $"copy {target} ({names}) from stdin (format binary, freeze)";

        // Without keys and defaults; the rows are copied in, merged, and gone with the transaction.
        CreateStage = $"create temporary table {stage} on commit drop as select {names} from {target} with no data";
        CopyToStage = $"copy pg_temp.{stage} ({names}) from stdin (format binary)";
        MergeStage = $"""
            insert into {target} ({names})
            select {names} from pg_temp.{stage}
            {merge}
            """;
        DropStage = $"drop table pg_temp.{stage}";
    }

    /// <summary>The table's name, quoted, with its schema.</summary>
    public string Table { get; }

    /// <summary>Reads the rows of keys that are given as one array a key column.</summary>
    public string Load { get; }

    /// <summary>Deletes the rows of keys that are given as one array a key column.</summary>
    public string Delete { get; }

    /// <summary>The same as <see cref="Load"/>, and says of each part of the key what it may be: by that Citus knows which shards to ask.</summary>
    public string LoadFromShards { get; }

    /// <summary>The same as <see cref="Delete"/>, likewise.</summary>
    public string DeleteFromShards { get; }

    /// <summary>
    /// Writes nothing to a distributed table, and has all that follows in the transaction be committed in two phases. Otherwise Citus sends a statement for one shard there with a transaction of its own
    /// where nobody has said BEGIN, as in a batch; and commits on a server that alone has rows of it before it commits here. Seen with 13.2: what copies rows says so before the first of them.
    /// </summary>
    public string InTwoPhases { get; }

    /// <summary>Writes one row that the table does not have, given as one parameter a column.</summary>
    public string Insert { get; }

    /// <summary>Writes one row that the table has, given as one parameter a column.</summary>
    public string Merge { get; }

    /// <summary>Writes rows that the table does not have, given as one array a column.</summary>
    public string InsertAll { get; }

    /// <summary>Writes rows that the table has, given as one array a column.</summary>
    public string MergeAll { get; }

    /// <summary>Copies rows in that the table does not have.</summary>
    public string Copy { get; }

    /// <summary>The same into a table that was emptied in the same transaction: no later vacuum has to visit the rows.</summary>
    public string CopyFrozen { get; }

    public string CreateStage { get; }

    public string CopyToStage { get; }

    public string MergeStage { get; }

    public string DropStage { get; }

    /// <summary>The most parameters that a statement may have.</summary>
    public const int MostParameters = 65_535;

    /// <summary>Writes so many rows, given as one parameter a column and row, row by row. PostgreSQL takes longer for it than for arrays; Citus, which reads arrays into files first and sends
    /// those to each shard, a fraction.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="areInTable">Whether the table has them.</param>
    public string WriteRows(int rows, bool areInTable)
    {
        var sql = new StringBuilder(_insertInto).Append(" values ");
        for (var row = 0; row < rows; row++)
        {
            sql.Append(row == 0 ? "(" : ", (");
            for (var column = 1; column <= _columns; column++)
            {
                sql.Append(CultureInfo.InvariantCulture, $"{(column == 1 ? "" : ", ")}${(row * _columns) + column}");
            }

            sql.Append(')');
        }

        return areInTable ? sql.Append(' ').Append(_merge).ToString() : sql.ToString();
    }

    private static string Quoted(ColumnDefinition column) => SqlName.Quote(column.Name);
}
