using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Projections.Postgres;

namespace Projections.Replay;

/// <summary>
/// A version's <c>seed.sql</c> as PostgreSQL reads it: as the body of a function that nobody calls. What it writes, reads and calls stands in the tree that
/// the server keeps of it, whatever names, comments and strings its text has.
/// </summary>
/// <remarks>The tree is in <c>pg_proc.prosqlbody</c>; see https://www.postgresql.org/docs/current/catalog-pg-proc.html. Functions of the server itself are not in <c>pg_depend</c>.</remarks>
/// <param name="Statement">The statement as the server prints it, without comments and without an end.</param>
/// <param name="Problems">Why it cannot be a seed, a sentence or two each; empty when it can.</param>
internal sealed partial record SeedScript(string Statement, IReadOnlyList<string> Problems)
{
    private const string Function = "pg_temp.projections_seed()";

    private const string Select = "1";
    private const string Insert = "3";

    /// <summary>How the statement locks the table that it writes, and those that it reads.</summary>
    private const string Written = "3";

    /// <summary>
    /// Functions of the server that PostgreSQL counts as dependent on the session, and that depend on nothing of it but settings, which a seed has
    /// fixed (<see cref="TableSeed"/>).
    /// </summary>
    private static readonly string[] OfSettingsAlone =
    [
        "concat", "concat_ws", "format", "to_char", "to_date", "to_timestamp", "date_trunc", "date_part", "extract", "timezone", "date", "time", "timetz", "timestamp", "timestamptz",
        "timestamptz_pl_interval", "timestamptz_mi_interval", "interval_pl_timestamptz", "to_json", "to_jsonb", "row_to_json", "array_to_json", "array_to_string",
        "json_build_object", "json_build_array", "jsonb_build_object", "jsonb_build_array", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg",
    ];

    /// <param name="connection">Where a transaction is open that will be rolled back, and both tables are found by their names.</param>
    /// <param name="sql">The file's content.</param>
    /// <param name="table">The version's table, as SQL.</param>
    /// <param name="live">The live version's table, as SQL.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="PostgresException">It is not SQL, or not about tables that there are.</exception>
    public static async Task<SeedScript> ReadAsync(NpgsqlConnection connection, string sql, string table, string live, CancellationToken cancellationToken)
    {
        await connection.ExecuteVerbatimAsync($"create function {Function} returns void language sql begin atomic\n{sql}\n;\nend", cancellationToken);
        var (tree, body) = (await connection.QueryAsync(
            $"select prosqlbody::text, pg_get_function_sqlbody(oid) from pg_proc where oid = '{Function}'::regprocedure",
            row => (row.GetString(0), row.GetString(1)),
            cancellationToken)).Single();
        var problems = new List<string>();
        var commands = Commands().Matches(tree).Select(command => command.Groups[1].Value).ToList();
        if (commands is not [Insert, .. var nested] || nested.Exists(command => command != Select))
        {
            problems.Add("It has to be one INSERT, and nothing else that writes.");
        }

        if (tree.Contains("{ONCONFLICTEXPR ", StringComparison.Ordinal))
        {
            problems.Add("It says ON CONFLICT: two rows with one key are a mistake that is not to be hidden.");
        }

        problems.AddRange(await OfTablesAsync(connection, tree, table, live, cancellationToken));
        problems.AddRange(await OfFunctionsAsync(connection, tree, cancellationToken));
        return new SeedScript(Body().Match(body).Groups[1].Value, problems);
    }

    private static async Task<IReadOnlyList<string>> OfTablesAsync(NpgsqlConnection connection, string tree, string table, string live, CancellationToken cancellationToken)
    {
        var used = Tables().Matches(tree).Select(one => (Oid: Number(one.Groups[1]), IsWritten: one.Groups[2].Value == Written)).Distinct().ToList();
        var names = await connection.QueryAsync(
            """
            select c.oid::bigint, c.oid::regclass::text, coalesce(c.oid = to_regclass($2), false), coalesce(c.oid = to_regclass($3), false)
            from pg_class c where c.oid = any ($1::bigint[]::oid[])
            """,
            row => (Oid: row.GetInt64(0), Name: row.GetString(1), IsOwn: row.GetBoolean(2), IsLive: row.GetBoolean(3)),
            cancellationToken,
            used.Select(one => one.Oid).ToArray(),
            table,
            live);
        var known = names.ToDictionary(one => one.Oid);
        var problems = new List<string>();
        if (used.FindAll(one => !one.IsWritten && !known[one.Oid].IsLive) is { Count: > 0 } others)
        {
            problems.Add($"It reads {string.Join(" and ", others.Select(one => known[one.Oid].Name))}. It may read the live version's table {live} and nothing else, by that name and not by the read name: what stands in other tables follows from no event up to its position.");
        }

        if (!used.Exists(one => !one.IsWritten && known[one.Oid].IsLive))
        {
            problems.Add($"It does not read {live}, which is the live version's table.");
        }

        if (used.Exists(one => one.IsWritten && !known[one.Oid].IsOwn))
        {
            problems.Add("It writes another table than the version's own.");
        }

        return problems;
    }

    private static async Task<IReadOnlyList<string>> OfFunctionsAsync(NpgsqlConnection connection, string tree, CancellationToken cancellationToken)
    {
        var names = await connection.QueryAsync(
            """
            select p.oid::regprocedure::text from pg_proc p
            where p.oid = any ($1::bigint[]::oid[]) and p.provolatile <> 'i' and not (p.pronamespace = 'pg_catalog'::regnamespace and p.proname = any ($2))
            order by 1
            """,
            row => row.GetString(0),
            cancellationToken,
            Calls().Matches(tree).Select(call => Number(call.Groups[1])).Distinct().ToArray(),
            OfSettingsAlone);
        var hidden = names.Concat(tree.Contains("{SQLVALUEFUNCTION ", StringComparison.Ordinal) ? ["CURRENT_TIMESTAMP or another of the kind"] : [])
            .Concat(tree.Contains("{TABLESAMPLECLAUSE ", StringComparison.Ordinal) ? ["TABLESAMPLE"] : []).ToList();
        return hidden.Count == 0
            ? []
            : [$"It uses {string.Join(" and ", hidden)}, whose result does not follow from the rows alone (for PostgreSQL: is not IMMUTABLE). A seed gives the same rows whenever it runs."];
    }

    private static long Number(Group digits) => long.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{QUERY :commandType (\d+)")]
    private static partial Regex Commands();

    [GeneratedRegex(@":relid ([1-9]\d*)[^{}]*?:rellockmode (\d+)")]
    private static partial Regex Tables();

    [GeneratedRegex(@":(?:funcid|opfuncid|aggfnoid|winfnoid) ([1-9]\d*)")]
    private static partial Regex Calls();

    [GeneratedRegex(@"\A\s*BEGIN ATOMIC\s+(.*?)\s*;\s*END\s*\z", RegexOptions.Singleline)]
    private static partial Regex Body();
}
