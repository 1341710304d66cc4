using Npgsql;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.Schemas;

/// <summary>
/// Everything that makes up a schema as lines of text, each with the object it belongs to, so that two states can be compared. Nothing in it
/// depends on internal numbers, and a column's place counts only those that are there.
/// </summary>
internal static class SchemaDump
{
    private const string Server = "the server's, not the database's";
    private const string OtherServer = "reaches another server, and is never tried on a copy";
    private const string Rows = "rows, not schema";
    private const string Follows = "follows from what is compared";

    /// <summary>
    /// What every kind of object is found by, as the beginning of a query: the schemas that count, and what is in them but for extensions' own.
    /// <c>$1</c> is the schema of a trial's own tracking, <c>$2</c> the tables that are left out, <c>$3</c> the schemas that count, or NULL for all.
    /// </summary>
    internal static readonly string Common =
        $"""
        WITH member AS (
            SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
        ),
        leftout AS (
            SELECT to_regclass(name)::oid AS oid FROM unnest($2::text[]) name
            UNION ALL
            SELECT d.objid FROM pg_depend d JOIN unnest($2::text[]) name ON d.refobjid = to_regclass(name)
             WHERE d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
            UNION ALL
            SELECT objid FROM member WHERE classid = 'pg_class'::regclass
        ),
        ns AS (
            SELECT oid, nspname, nspowner, nspacl, {Grants("nspacl", "'n'", "nspowner")} AS grants FROM pg_namespace
             WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', $1) AND ($3::text[] IS NULL OR nspname = ANY ($3))
        ),
        rel AS (
            SELECT c.*, format('%I.%I', ns.nspname, c.relname) AS name,
                   CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                                  WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type'
                                  WHEN 'f' THEN 'foreign table' ELSE 'index' END AS kind,
                   {Grants("c.relacl", "CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\"", "c.relowner")} AS grants
              FROM pg_class c JOIN ns ON ns.oid = c.relnamespace
             WHERE NOT EXISTS (SELECT FROM leftout WHERE leftout.oid = c.oid)
        ),
        fn AS (
            SELECT p.*, format('routine %s', p.oid::regprocedure) AS name, {Grants("p.proacl", "'f'", "p.proowner")} AS grants FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace
             WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_proc'::regclass AND objid = p.oid)
        ),
        ty AS (
            SELECT t.*, format('type %I.%I', ns.nspname, t.typname) AS name, {Grants("t.typacl", "'T'", "t.typowner")} AS grants FROM pg_type t JOIN ns ON ns.oid = t.typnamespace
             WHERE t.typtype IN ('e', 'd', 'r') AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_type'::regclass AND objid = t.oid)
        )
        """;

    private static readonly string Sql =
        $"""
        {Common},
        line (object, detail) AS (
        {string.Join("\nUNION ALL\n", Facts())}
        )
        SELECT object, detail FROM line ORDER BY object COLLATE "C", detail COLLATE "C"
        """;

    /// <summary>The catalogs that are not compared, each with the reason. All others are.</summary>
    public static IReadOnlyDictionary<string, string> NotCompared { get; } = new Dictionary<string, string>
    {
        ["pg_auth_members"] = Server,
        ["pg_authid"] = Server,
        ["pg_parameter_acl"] = Server,
        ["pg_replication_origin"] = Server,
        ["pg_shseclabel"] = Server,
        ["pg_tablespace"] = Server,
        ["pg_subscription"] = OtherServer,
        ["pg_subscription_rel"] = OtherServer,
        ["pg_seclabel"] = "needs a module that is loaded into the server",
        ["pg_largeobject"] = Rows,
        ["pg_largeobject_metadata"] = Rows,
        ["pg_statistic"] = "gathered by ANALYZE",
        ["pg_statistic_ext_data"] = "gathered by ANALYZE",
        ["pg_depend"] = Follows,
        ["pg_shdepend"] = Follows,
        ["pg_init_privs"] = Follows,
    };

    /// <summary>Reads everything.</summary>
    public static Task<IReadOnlyList<SchemaLine>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ReadAsync(connection, null, [], cancellationToken);

    /// <param name="connection">The database. Its search path is changed.</param>
    /// <param name="schemas">The schemas that count; <c>null</c> for all.</param>
    /// <param name="leftOut">Quoted and qualified names of tables that do not count, such as tracking tables.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static async Task<IReadOnlyList<SchemaLine>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<string>? schemas, IReadOnlyList<string> leftOut, CancellationToken cancellationToken)
    {
        // Names in definitions are qualified, whatever the search path of the database.
        await connection.ExecuteLongAsync("SET search_path = ''", cancellationToken);
        return await connection.QueryAsync(
            Sql, row => new SchemaLine(row.GetString(0), row.GetString(1)), cancellationToken,
            TrackingTable.SchemaOnCopies, leftOut.ToArray(), schemas?.ToArray());
    }

    /// <summary>The schemas that have anything in them, but for what extensions put there.</summary>
    public static async Task<IReadOnlyList<string>> ReadSchemasAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            SELECT nspname::text FROM pg_namespace n
             WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', $1)
               AND (nspname <> 'public'
                    OR EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid
                                  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')))
            """,
            row => row.GetString(0), cancellationToken, TrackingTable.SchemaOnCopies);

    // What is granted by default is the same whether it is said or not: what was granted and revoked again is said.
    private static string Grants(string acl, string kind, string owner) =>
        $"nullif(ARRAY(SELECT e::text FROM unnest(coalesce({acl}, acldefault({kind}, {owner}))) e ORDER BY 1), ARRAY(SELECT e::text FROM unnest(acldefault({kind}, {owner})) e ORDER BY 1))";

    // A file of queries for each kind of object, beside this one; each row is an object and a fact about it.
    private static IEnumerable<string> Facts()
    {
        var assembly = typeof(SchemaDump).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith("Facts/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return text.ReadToEnd();
        }
    }
}
