using Npgsql;
using Projections.Migrations.Parsing;
using Projections.Migrations.Schemas;
using Projections.Migrations.Tests.RoundTrip;
using Projections.Postgres;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.Schemas;

public sealed class SchemaDumpTests(SchemaDumpTests.OrdersDatabase orders) : IClassFixture<SchemaDumpTests.OrdersDatabase>
{
    [PostgresTheory]
    [InlineData("ALTER TABLE orders DROP CONSTRAINT orders_state_check", "- table public.orders: constraint orders_state_check")]
    [InlineData("CREATE INDEX i ON orders (note)", "+ table public.orders: CREATE INDEX i")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "+ routine public.f()")]
    [InlineData("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f()", "+ table public.orders: CREATE TRIGGER t")]
    [InlineData("ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON orders USING (id > 0)", "+ table public.orders: policy p permissive")]
    [InlineData("GRANT SELECT ON orders TO public", "grants {")]
    [InlineData("COMMENT ON COLUMN orders.note IS 'x'", "comment 'x'")]
    [InlineData("COMMENT ON CONSTRAINT orders_state_check ON orders IS 'x'", "comment 'x'")]
    [InlineData("ALTER TABLE orders SET (fillfactor = 70)", "fillfactor=70")]
    [InlineData("CREATE SCHEMA extra", "+ schema extra")]
    [InlineData("CREATE SEQUENCE s", "+ sequence public.s")]
    [InlineData("CREATE DOMAIN d AS int CHECK (VALUE > 0)", "+ type public.d: constraint d_check")]
    [InlineData("ALTER TABLE orders ALTER state SET DEFAULT 'old'", "DEFAULT 'old'")]
    [InlineData("ALTER TABLE orders ALTER state DROP NOT NULL", "+ table public.orders: column 2: state text DEFAULT")]
    [InlineData("ALTER TABLE orders DROP COLUMN state; ALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new'", "+ table public.orders: column 3: state")]
    public async Task Every_change_of_a_schema_shows(string change, string expected) =>
        (await orders.DifferencesAsync(change)).Differences.ShouldContain(expected);

    [PostgresTheory]
    [MemberData(nameof(Catalogs))]
    public async Task A_change_of_any_catalog_that_is_compared_shows(string catalog, string change, string expected)
    {
        var (differences, isTouched) = await orders.DifferencesAsync(change, catalog);

        isTouched.ShouldBeTrue($"{change} is no example of {catalog}.");
        differences.ShouldContain(expected);
    }

    [PostgresFact]
    public async Task A_catalog_is_compared_or_named_as_left_out()
    {
        await using var connection = await orders.Database.DataSource.OpenConnectionAsync();
        var all = await connection.QueryAsync("SELECT relname::text FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r'", row => row.GetString(0), CancellationToken.None);

        all.ShouldNotBeEmpty();
        all.Where(catalog => !SchemaDump.NotCompared.ContainsKey(catalog)).Except(Catalogs.Select(example => (string)example[0]))
            .ShouldBeEmpty("These hold a kind of object that is neither compared nor left out with a reason.");
        SchemaDump.NotCompared.Keys.Intersect(Catalogs.Select(example => (string)example[0])).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task Passwords_of_user_mappings_are_not_told()
    {
        var (differences, _) = await orders.DifferencesAsync($"{Foreign}; CREATE USER MAPPING FOR public SERVER s OPTIONS (password 'secret')");

        differences.ShouldContain("user mapping public on server s");
        differences.ShouldNotContain("secret");
    }

    private const string Pair = "CREATE TYPE pair AS (a int, b int); CREATE FUNCTION of_pair(pair) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT NULL::text'";
    private const string Foreign = "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w";
    private const string Family = "CREATE OPERATOR FAMILY f USING btree; ALTER OPERATOR FAMILY f USING btree ADD OPERATOR 1 < (int, int), FUNCTION 1 (int, int) btint4cmp(int, int)";
    private const string Trigger = "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER t ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION e()";

    private static string OnDatabase(string sql) => $"DO $$ BEGIN EXECUTE format('{sql}', current_database()); END $$";

    /// <summary>An example for each catalog that is compared: what changes it, and what is to be seen of that.</summary>
    public static TheoryData<string, string, string> Catalogs { get; } = new()
    {
        { "pg_aggregate", "CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int)", "+ routine public.total(integer): aggregate n (0 direct arguments) over integer" },
        { "pg_am", "CREATE ACCESS METHOD m TYPE TABLE HANDLER heap_tableam_handler", "+ access method m: for t by heap_tableam_handler" },
        { "pg_amop", Family, "+ operator family public.f USING btree: operator 1 <(integer,integer) for search" },
        { "pg_amproc", Family, "+ operator family public.f USING btree: function 1 (integer, integer) btint4cmp(integer,integer)" },
        { "pg_attrdef", "ALTER TABLE orders ALTER state SET DEFAULT 'old'", "DEFAULT 'old'" },
        { "pg_attribute", "ALTER TABLE orders ALTER note SET STATISTICS 500", "statistics 500" },
        { "pg_cast", $"{Pair}; CREATE CAST (pair AS text) WITH FUNCTION of_pair(pair) AS ASSIGNMENT", "+ cast (public.pair AS text): f in context a by public.of_pair(public.pair)" },
        { "pg_class", "ALTER TABLE orders SET (toast.autovacuum_enabled = off)", "TOAST options {autovacuum_enabled=off}" },
        { "pg_collation", "CREATE COLLATION ours FROM \"C\"", "+ collation public.ours" },
        { "pg_constraint", "ALTER TABLE orders ADD CHECK (id > 0) NOT VALID", "CHECK ((id > 0)) NOT VALID" },
        { "pg_conversion", "CREATE CONVERSION ours FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8", "+ conversion public.ours: from LATIN1 to UTF8" },
        { "pg_database", OnDatabase("REVOKE CONNECT ON DATABASE %I FROM public"), "+ database: grants" },
        { "pg_db_role_setting", OnDatabase("ALTER DATABASE %I SET work_mem = ''8MB''"), "+ database: setting work_mem=8MB of everybody" },
        { "pg_default_acl", "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO public", "+ default privileges" },
        { "pg_description", "COMMENT ON CONSTRAINT orders_state_check ON orders IS 'x'", "comment 'x'" },
        { "pg_description", $"{Foreign}; COMMENT ON SERVER s IS 'x'", "+ server s: comment 'x'" },
        { "pg_enum", "CREATE TYPE mood AS ENUM ('fine')", "enum 'fine'" },
        { "pg_event_trigger", Trigger, "+ event trigger t: sql_drop public.e O for {\"DROP TABLE\"}" },
        { "pg_extension", "DROP EXTENSION plpgsql", "- extension plpgsql: version 1.0 in schema pg_catalog" },
        { "pg_foreign_data_wrapper", "CREATE FOREIGN DATA WRAPPER w OPTIONS (a '1')", "+ foreign-data wrapper w" },
        { "pg_foreign_server", "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s TYPE 'x' FOREIGN DATA WRAPPER w OPTIONS (host 'h')", "options {host=h}" },
        { "pg_foreign_table", $"{Foreign}; CREATE FOREIGN TABLE far (a int OPTIONS (c '2')) SERVER s OPTIONS (b '1')", "+ foreign table public.far: server s, options {b=1}" },
        { "pg_index", "CREATE INDEX i ON orders (lower(note)); ALTER INDEX i ALTER 1 SET STATISTICS 300", "statistics 300 of 1" },
        { "pg_inherits", "CREATE TABLE child () INHERITS (orders)", "+ table public.child: child 1 of public.orders" },
        { "pg_language", "CREATE LANGUAGE ours HANDLER plpgsql_call_handler", "+ language ours" },
        { "pg_namespace", "CREATE SCHEMA extra", "+ schema extra" },
        { "pg_opclass", $"{Family}; CREATE OPERATOR CLASS c FOR TYPE int USING btree FAMILY f AS OPERATOR 2 <=", "+ operator class public.c USING btree: for integer in public.f USING btree" },
        { "pg_operator", "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq, COMMUTATOR = ===)", "+ operator public.===(integer,integer): by int4eq, commutator public.===(integer,integer)" },
        { "pg_opfamily", Family, "+ operator family public.f USING btree: owner" },
        { "pg_partitioned_table", "CREATE TABLE p (id int) PARTITION BY HASH (id)", "partitioned by HASH (id)" },
        { "pg_policy", "CREATE POLICY p ON orders USING (id > 0)", "policy p permissive" },
        { "pg_proc", "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'", "+ routine public.one()" },
        { "pg_publication", "CREATE PUBLICATION p WITH (publish = 'insert')", "\"pubdelete\": false" },
        { "pg_publication_namespace", "CREATE PUBLICATION p FOR TABLES IN SCHEMA public", "tables of schema public" },
        { "pg_publication_rel", "CREATE PUBLICATION p FOR TABLE orders (id, note) WHERE (id > 0)", "table public.orders (id, note) WHERE (id > 0)" },
        { "pg_range", "CREATE TYPE span AS RANGE (SUBTYPE = int, SUBTYPE_DIFF = int4range_subdiff)", "range of integer" },
        { "pg_rewrite", "CREATE RULE r AS ON DELETE TO orders DO INSTEAD NOTHING; ALTER TABLE orders DISABLE RULE r", "enabled D" },
        { "pg_sequence", "CREATE SEQUENCE s INCREMENT 5", "+ sequence public.s: bigint from 1 by 5" },
        { "pg_shdescription", OnDatabase("COMMENT ON DATABASE %I IS ''x''"), "+ database: comment 'x'" },
        { "pg_statistic_ext", "CREATE STATISTICS st ON state, note FROM orders; ALTER STATISTICS st SET STATISTICS 200", "target 200" },
        { "pg_transform", "CREATE TRANSFORM FOR int LANGUAGE plpgsql (FROM SQL WITH FUNCTION varchar_support(internal))", "+ transform for integer language plpgsql" },
        { "pg_trigger", "CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()", "CREATE TRIGGER t" },
        { "pg_ts_config", "CREATE TEXT SEARCH CONFIGURATION ours (PARSER = pg_catalog.\"default\")", "+ text search configuration public.ours: parser pg_catalog.\"default\"" },
        { "pg_ts_config_map", "CREATE TEXT SEARCH CONFIGURATION ours (COPY = simple); ALTER TEXT SEARCH CONFIGURATION ours DROP MAPPING FOR int", "+ text search configuration public.ours: word by simple" },
        { "pg_ts_dict", "CREATE TEXT SEARCH DICTIONARY ours (TEMPLATE = simple, accept = false)", "options accept = 'false'" },
        { "pg_ts_parser", "CREATE TEXT SEARCH PARSER ours (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)", "+ text search parser public.ours" },
        { "pg_ts_template", "CREATE TEXT SEARCH TEMPLATE ours (LEXIZE = dsimple_lexize)", "+ text search template public.ours" },
        { "pg_type", "CREATE DOMAIN d AS int DEFAULT 7 NOT NULL", "domain integer DEFAULT 7 NOT NULL" },
        { "pg_user_mapping", $"{Foreign}; CREATE USER MAPPING FOR public SERVER s", "+ user mapping public on server s" },
    };

    public sealed class OrdersDatabase : IAsyncLifetime
    {
        public TestDatabase Database { get; private set; } = null!;

        /// <summary>Changes the schema in a transaction that is rolled back.</summary>
        /// <returns>What can be seen of it, and whether it changed a catalog.</returns>
        public async Task<(string Differences, bool IsTouched)> DifferencesAsync(string change, string catalog = "pg_class")
        {
            await using var connection = await Database.DataSource.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            var before = await SchemaDump.ReadAsync(connection, CancellationToken.None);
            var rows = await DigestAsync(connection, catalog);
            await connection.ExecuteLongAsync("SET search_path = public", CancellationToken.None);
            foreach (var statement in StatementSplitter.Split(change))
            {
                await connection.ExecuteLongAsync(statement.Text, CancellationToken.None);
            }

            var after = await SchemaDump.ReadAsync(connection, CancellationToken.None);
            return (string.Join('\n', SchemaDifference.Between(before, after)), rows != await DigestAsync(connection, catalog));
        }

        private static Task<string?> DigestAsync(NpgsqlConnection connection, string catalog) =>
            connection.ScalarAsync<string>($"SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM pg_catalog.{catalog} t", CancellationToken.None);

        public async Task InitializeAsync()
        {
            if (PostgresForTests.SkipReason is null)
            {
                Database = await PostgresForTests.CreateDatabaseAsync();
                await Database.ExecuteAsync(RoundTripCheckTests.Orders);
            }
        }

        public async Task DisposeAsync()
        {
            if (Database is not null)
            {
                await Database.DisposeAsync();
            }
        }
    }
}
