using Projections.Migrations.Files;
using Projections.Migrations.Safety;
using Projections.TestServers;

namespace Projections.Migrations.Tests.Safety;

/// <summary>Each rule finds its unsafe example, and is silent about the safe one beside it.</summary>
public sealed class SafetyRuleTests(SafetyBench bench) : IClassFixture<SafetyBench>
{
    private const string Shop =
        "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, note text, state text NOT NULL DEFAULT 'new'); CREATE TABLE customers (id bigint PRIMARY KEY, name text)";

    [PostgresTheory]
    [InlineData("index-not-concurrent", Shop, "CREATE INDEX i ON orders (note)", "-- transaction: none\nCREATE INDEX CONCURRENTLY i ON orders (note)")]
    [InlineData("index-drop-not-concurrent", Shop + "; CREATE INDEX i ON orders (note)", "DROP INDEX i", "-- transaction: none\nDROP INDEX CONCURRENTLY i")]
    [InlineData("reindex-not-concurrent", Shop + "; CREATE INDEX i ON orders (note)", "REINDEX INDEX i", "-- transaction: none\nREINDEX INDEX CONCURRENTLY i")]
    [InlineData("foreign-key-validated", Shop, "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers", "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID")]
    [InlineData("check-validated", Shop, "ALTER TABLE orders ADD CHECK (id > 0)", "ALTER TABLE orders ADD CHECK (id > 0) NOT VALID")]
    [InlineData("validated-under-lock", Shop, "ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c", "-- transaction: none\nALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c")]
    [InlineData("not-null-scanned", Shop, "ALTER TABLE orders ALTER note SET NOT NULL", "-- transaction: none\nALTER TABLE orders ADD CONSTRAINT c CHECK (note IS NOT NULL) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c; ALTER TABLE orders ALTER note SET NOT NULL")]
    [InlineData("volatile-default-rewrites", Shop, "ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid()", "ALTER TABLE orders ADD COLUMN since timestamptz DEFAULT now()")]
    [InlineData("generated-column-rewrites", Shop, "ALTER TABLE orders ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED", "ALTER TABLE orders ADD COLUMN twice bigint")]
    [InlineData("numbered-column-rewrites", Shop, "ALTER TABLE orders ADD COLUMN n bigserial", "ALTER TABLE orders ADD COLUMN n bigint")]
    [InlineData("type-change-rewrites", Shop, "ALTER TABLE orders ALTER customer_id TYPE numeric", "ALTER TABLE orders ALTER customer_id TYPE bigint")]
    [InlineData("table-rewritten", Shop, "ALTER TABLE orders SET UNLOGGED", "ALTER TABLE orders SET (fillfactor = 70)")]
    [InlineData("type-change-rechecks", "CREATE TABLE t (a varchar(10) COLLATE \"C\"); CREATE INDEX i ON t (a)", "ALTER TABLE t ALTER a TYPE varchar(20) COLLATE \"POSIX\"", "ALTER TABLE t ALTER a TYPE varchar(20) COLLATE \"C\"")]
    [InlineData("unique-builds-index", Shop, "ALTER TABLE orders ADD UNIQUE (note)", "-- transaction: none\nCREATE UNIQUE INDEX CONCURRENTLY u ON orders (note); ALTER TABLE orders ADD CONSTRAINT u UNIQUE USING INDEX u")]
    [InlineData("primary-key-builds-index", "CREATE TABLE t (id bigint NOT NULL); CREATE UNIQUE INDEX u ON t (id)", "ALTER TABLE t ADD PRIMARY KEY (id)", "ALTER TABLE t ADD PRIMARY KEY USING INDEX u")]
    [InlineData("exclusion-builds-index", Shop, "ALTER TABLE orders ADD EXCLUDE (note WITH =)", "CREATE TABLE t (a text, EXCLUDE (a WITH =))")]
    [InlineData("index-not-concurrent", Shop + "; ALTER TABLE orders ADD COLUMN code varchar(10); CREATE INDEX i ON orders (code)", "ALTER TABLE orders ALTER code TYPE varchar(20) COLLATE \"C\"", "ALTER TABLE orders ALTER code TYPE varchar(20)")]
    [InlineData("unique-builds-index", Shop + "; ALTER TABLE orders ADD COLUMN code varchar(10) UNIQUE", "ALTER TABLE orders ALTER code TYPE varchar(20) COLLATE \"C\"", "ALTER TABLE orders ALTER code TYPE varchar(20)")]
    [InlineData("partition-attach-scans", "CREATE TABLE p (id int NOT NULL) PARTITION BY RANGE (id); CREATE TABLE a (id int NOT NULL); CREATE TABLE b (id int NOT NULL, CHECK (id >= 1 AND id < 100))", "ALTER TABLE p ATTACH PARTITION a FOR VALUES FROM (1) TO (100)", "ALTER TABLE p ATTACH PARTITION b FOR VALUES FROM (1) TO (100)")]
    [InlineData("partition-detach-not-concurrent", "CREATE TABLE p (id int NOT NULL) PARTITION BY RANGE (id); CREATE TABLE a PARTITION OF p FOR VALUES FROM (1) TO (100)", "ALTER TABLE p DETACH PARTITION a", "-- transaction: none\nALTER TABLE p DETACH PARTITION a CONCURRENTLY")]
    [InlineData("table-rebuilt", Shop, "-- transaction: none\nVACUUM FULL orders", "-- transaction: none\nVACUUM orders")]
    [InlineData("refresh-not-concurrent", Shop + "; CREATE MATERIALIZED VIEW m AS SELECT id FROM orders; CREATE UNIQUE INDEX u ON m (id)", "REFRESH MATERIALIZED VIEW m", "REFRESH MATERIALIZED VIEW CONCURRENTLY m")]
    [InlineData("locks-gathered", Shop, "ALTER TABLE orders ADD COLUMN a int; ALTER TABLE customers ADD COLUMN a int", "ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int")]
    [InlineData("long-work-under-lock", Shop, "ALTER TABLE orders ADD COLUMN a int; SELECT count(*) FROM customers", "-- transaction: none\nALTER TABLE orders ADD COLUMN a int; SELECT count(*) FROM customers")]
    [InlineData("rows-changed-unbatched", Shop, "UPDATE orders SET note = ''", "UPDATE orders SET note = '' WHERE id = 7")]
    [InlineData("domain-constraint-scans", "CREATE DOMAIN d AS int; CREATE TABLE t (a d)", "ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0)", "ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID")]
    [InlineData("no-lock-timeout", Shop, "-- lock-timeout: 0\nALTER TABLE orders ADD COLUMN a int", "-- lock-timeout: 1s\nALTER TABLE orders ADD COLUMN a int")]
    [InlineData("no-lock-timeout", Shop, "SET LOCAL lock_timeout = 0", "SET LOCAL lock_timeout = '1s'")]
    [InlineData("no-statement-timeout", Shop, "-- statement-timeout: 0\nALTER TABLE orders ADD COLUMN a int", "-- statement-timeout: 1min\nALTER TABLE orders ADD COLUMN a int")]
    [InlineData("concurrently-in-transaction", Shop, "CREATE INDEX CONCURRENTLY i ON orders (note)", "-- transaction: none\nCREATE INDEX CONCURRENTLY i ON orders (note)")]
    [InlineData("column-dropped", Shop, "ALTER TABLE orders DROP COLUMN note", "ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders DROP COLUMN a")]
    [InlineData("column-renamed", Shop, "ALTER TABLE orders RENAME note TO remark", "ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders RENAME a TO b")]
    [InlineData("table-dropped", Shop, "DROP TABLE customers", "CREATE TABLE t (); DROP TABLE t")]
    [InlineData("table-renamed", Shop, "ALTER TABLE customers RENAME TO clients", "CREATE TABLE t (); ALTER TABLE t RENAME TO u")]
    [InlineData("schema-dropped", "CREATE SCHEMA old", "DROP SCHEMA old", "CREATE SCHEMA s; DROP SCHEMA s")]
    [InlineData("schema-renamed", "CREATE SCHEMA old", "ALTER SCHEMA old RENAME TO older", "CREATE SCHEMA s; ALTER SCHEMA s RENAME TO r")]
    [InlineData("enum-value-renamed", "CREATE TYPE e AS ENUM ('a', 'b')", "ALTER TYPE e RENAME VALUE 'a' TO 'c'", "ALTER TYPE e ADD VALUE 'c' AFTER 'b'")]
    [InlineData("type-dropped", "CREATE TYPE e AS ENUM ('a', 'b')", "DROP TYPE e", "CREATE TYPE f AS ENUM ('a'); DROP TYPE f")]
    [InlineData("type-dropped", "CREATE TYPE e AS ENUM ('a', 'b')", "ALTER TYPE e RENAME TO f", "ALTER TYPE e ADD VALUE 'c' AFTER 'b'")]
    [InlineData("column-now-required", Shop, "ALTER TABLE orders ALTER note SET NOT NULL", "ALTER TABLE orders ALTER note SET DEFAULT ''; ALTER TABLE orders ALTER note SET NOT NULL")]
    [InlineData("column-now-required", Shop, "ALTER TABLE orders ADD CHECK (note IS NOT NULL) NOT VALID", "ALTER TABLE orders ADD CHECK (note <> '') NOT VALID")]
    [InlineData("required-column-without-default", Shop, "ALTER TABLE orders ADD COLUMN a int NOT NULL", "ALTER TABLE orders ADD COLUMN a int NOT NULL DEFAULT 0")]
    [InlineData("required-column-without-default", Shop, "ALTER TABLE orders ALTER state DROP DEFAULT", "ALTER TABLE orders ALTER state SET DEFAULT 'open'")]
    [InlineData("not-null-dropped", Shop, "ALTER TABLE orders ALTER state DROP NOT NULL", "ALTER TABLE orders ALTER note DROP NOT NULL")]
    [InlineData("index-dropped-without-successor", Shop + "; CREATE INDEX i ON orders (note); CREATE INDEX j ON orders (note, state); CREATE INDEX k ON orders (customer_id)", "-- transaction: none\nDROP INDEX CONCURRENTLY k", "-- transaction: none\nDROP INDEX CONCURRENTLY i")]
    [InlineData("rights-revoked", Shop + "; GRANT SELECT, INSERT ON orders TO pg_monitor", "REVOKE SELECT ON orders FROM pg_monitor", "REVOKE SELECT ON orders FROM pg_monitor; GRANT SELECT ON orders TO pg_monitor; DROP TABLE customers")]
    [InlineData("rights-revoked", Shop + "; GRANT SELECT, UPDATE (note) ON orders TO pg_monitor", "REVOKE UPDATE (note) ON orders FROM pg_monitor", "ALTER TABLE orders RENAME note TO remark; ALTER TABLE orders DROP COLUMN remark")]
    [InlineData("rights-revoked", Shop + "; GRANT SELECT (note) ON orders TO pg_monitor; GRANT UPDATE ON orders TO pg_monitor, PUBLIC", "REVOKE UPDATE ON orders FROM pg_monitor, PUBLIC", "REVOKE UPDATE ON orders FROM pg_monitor; GRANT SELECT ON orders TO pg_monitor; REVOKE SELECT (note) ON orders FROM pg_monitor")]
    [InlineData("rights-revoked", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "REVOKE EXECUTE ON FUNCTION f() FROM public", "GRANT EXECUTE ON FUNCTION f() TO pg_monitor")]
    [InlineData("rights-revoked", Shop, "ALTER TABLE orders OWNER TO pg_monitor", "CREATE TABLE t (); ALTER TABLE t OWNER TO pg_monitor")]
    [InlineData("row-security-without-policy", Shop, "ALTER TABLE orders ENABLE ROW LEVEL SECURITY", "ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON orders USING (true)")]
    [InlineData("uniqueness-dropped", Shop + "; CREATE UNIQUE INDEX u ON orders (note, state); CREATE UNIQUE INDEX k ON orders (note)", "-- transaction: none\nDROP INDEX CONCURRENTLY u", "-- transaction: none\nCREATE UNIQUE INDEX CONCURRENTLY v ON orders (state, note); DROP INDEX CONCURRENTLY u")]
    [InlineData("uniqueness-dropped", Shop + "; CREATE UNIQUE INDEX u ON orders (lower(note))", "-- transaction: none\nDROP INDEX CONCURRENTLY u", "-- transaction: none\nCREATE UNIQUE INDEX CONCURRENTLY v ON orders (lower(note)); DROP INDEX CONCURRENTLY u")]
    [InlineData("uniqueness-dropped", Shop + "; ALTER TABLE orders ADD CONSTRAINT u UNIQUE (note)", "ALTER TABLE orders DROP CONSTRAINT u", "ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID; ALTER TABLE orders DROP CONSTRAINT c")]
    [InlineData("default-changed", Shop, "ALTER TABLE orders ALTER state SET DEFAULT 'open'", "ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ALTER a SET DEFAULT 1")]
    [InlineData("type-change-rewrites", Shop, "DO $$ BEGIN ALTER TABLE orders ALTER customer_id TYPE numeric; END $$", "DO $$ BEGIN ALTER TABLE orders ADD COLUMN a int; END $$")]
    [InlineData("depends-on-rows", Shop + "; ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers", "INSERT INTO orders (id, customer_id) VALUES (9999, 8888); CREATE TABLE t (id bigint PRIMARY KEY)", "INSERT INTO customers VALUES (8888, 'x'); INSERT INTO orders (id, customer_id) VALUES (9999, 8888)")]
    [InlineData("depends-on-rows", Shop, "DO $$ BEGIN IF NOT EXISTS (SELECT FROM customers WHERE name = 'ACME') THEN RAISE EXCEPTION 'no ACME'; END IF; END $$", "DO $$ BEGIN PERFORM 1; END $$")]
    [InlineData("routine-changed", "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION f(int); CREATE FUNCTION f(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 2'")]
    [InlineData("view-changed", Shop + "; CREATE VIEW v AS SELECT id, note FROM orders", "DROP VIEW v; CREATE VIEW v AS SELECT id FROM orders", "DROP VIEW v; CREATE VIEW v AS SELECT note, id, state FROM orders")]
    [InlineData("rows-truncated", Shop, "TRUNCATE customers", "CREATE TABLE t (); TRUNCATE t")]
    [InlineData("truncate-cascade", Shop + "; ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers", "TRUNCATE customers CASCADE", "TRUNCATE customers, orders")]
    [InlineData("drop-cascade", Shop + "; CREATE VIEW v AS SELECT note FROM orders", "ALTER TABLE orders DROP COLUMN note CASCADE", "DROP VIEW v; ALTER TABLE orders DROP COLUMN note")]
    [InlineData("row-security-disabled", Shop + "; ALTER TABLE orders ENABLE ROW LEVEL SECURITY", "ALTER TABLE orders DISABLE ROW LEVEL SECURITY", "ALTER TABLE orders FORCE ROW LEVEL SECURITY")]
    [InlineData("row-security-missing", "CREATE TABLE a (tenant_id bigint); ALTER TABLE a ENABLE ROW LEVEL SECURITY", "CREATE TABLE b (tenant_id bigint)", "CREATE TABLE b (tenant_id bigint); ALTER TABLE b ENABLE ROW LEVEL SECURITY")]
    [InlineData("database-dropped", Shop, "-- transaction: none\nDROP DATABASE production", "DROP TABLE customers")]
    [InlineData("statement-fails", Shop, "ALTER TABLE missing ADD COLUMN a int", "ALTER TABLE orders ADD COLUMN a int")]
    [InlineData("small-key", Shop, "CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE t (id bigint PRIMARY KEY, n int)")]
    [InlineData("char-column", Shop, "ALTER TABLE orders ADD COLUMN a char(3)", "ALTER TABLE orders ADD COLUMN a text")]
    [InlineData("varchar-column", Shop, "ALTER TABLE orders ADD COLUMN a varchar(3)", "ALTER TABLE orders ADD COLUMN a varchar")]
    [InlineData("timestamp-without-zone", Shop, "ALTER TABLE orders ADD COLUMN a timestamp", "ALTER TABLE orders ADD COLUMN a timestamptz")]
    [InlineData("json-column", Shop, "ALTER TABLE orders ADD COLUMN a json", "ALTER TABLE orders ADD COLUMN a jsonb")]
    [InlineData("serial-column", Shop, "CREATE TABLE t (id bigserial)", "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY)")]
    [InlineData("name-too-long", Shop, "ALTER TABLE orders ADD COLUMN a123456789b123456789c123456789d123456789e123456789f123456789g123 int", "ALTER TABLE orders ADD COLUMN a123456789b123456789c123456789d123456789e123456789f123456789g12 int")]
    [InlineData("unqualified-name", Shop + "; CREATE SCHEMA other; CREATE TABLE other.t ()", "CREATE TABLE new_one ()", "CREATE TABLE other.new_one ()")]
    [InlineData("enum-value-without-place", "CREATE TYPE e AS ENUM ('a', 'b')", "ALTER TYPE e ADD VALUE 'c'", "ALTER TYPE e ADD VALUE 'c' AFTER 'b'")]
    [InlineData("enum-value-used-at-once", "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (a e)", "ALTER TYPE e ADD VALUE 'c'; INSERT INTO t VALUES ('c')", "-- transaction: none\nALTER TYPE e ADD VALUE 'c'; INSERT INTO t VALUES ('c')")]
    [InlineData("not-repeatable", "CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'", "-- transaction: none\nCALL p()", "-- transaction: none\nVACUUM")]
    [InlineData("wide-index", Shop, "-- transaction: none\nCREATE INDEX CONCURRENTLY i ON orders (note, state, customer_id, id)", "-- transaction: none\nCREATE INDEX CONCURRENTLY i ON orders (note, state, customer_id) INCLUDE (id)")]
    [InlineData("foreign-key-without-index", Shop, "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID", "-- transaction: none\nALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers NOT VALID; CREATE INDEX CONCURRENTLY i ON orders (customer_id)")]
    [InlineData("several-alter-tables", Shop, "ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int", "ALTER TABLE orders ADD COLUMN a int, ADD COLUMN b int")]
    [InlineData("domain-with-constraint", Shop, "CREATE DOMAIN d AS int CHECK (VALUE > 0)", "CREATE DOMAIN d AS int")]
    [InlineData("server-touched", Shop, "CREATE ROLE somebody", "CREATE TABLE role ()")]
    [InlineData("depends-on-rows", Shop, "ALTER TABLE orders ADD CHECK (note = 'x') NOT VALID; ALTER TABLE orders ADD CHECK (note = 'y')", "ALTER TABLE orders ADD CHECK (note <> 'y')")]
    public async Task A_rule_finds_what_is_unsafe_and_nothing_else(string rule, string setup, string isUnsafe, string isSafe)
    {
        await bench.SetUpAsync(setup);
        var found = await bench.JudgeAsync(isUnsafe);
        await bench.SetUpAsync(setup);
        var clean = await bench.JudgeAsync(isSafe);

        found.ShouldContain(finding => finding.RuleId == rule, Text(found));
        clean.ShouldNotContain(finding => finding.RuleId == rule, Text(clean));
        clean.Where(finding => finding.RuleId != rule).ShouldNotContain(finding => finding.RuleId == "statement-fails", Text(clean));
    }

    [PostgresTheory]
    [InlineData("ALTER FUNCTION f(int) RENAME TO g", Severity.Error)]
    [InlineData("DROP FUNCTION f(int); CREATE FUNCTION f(a int, b int DEFAULT 0) RETURNS int LANGUAGE sql AS 'SELECT 1'", Severity.Warning)]
    [InlineData("DROP FUNCTION f(int); CREATE FUNCTION f(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT 1'", Severity.Error)]
    public async Task A_routine_that_is_called_otherwise_weighs_as_much_as_it_breaks(string sql, Severity severity)
    {
        await bench.SetUpAsync("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'");

        (await bench.JudgeAsync(sql)).Single(finding => finding.RuleId == "routine-changed").Severity.ShouldBe(severity);
    }

    [PostgresFact]
    public async Task What_needs_rows_of_production_ends_no_judgement()
    {
        await bench.SetUpAsync(Shop);

        var found = await bench.JudgeAsync("DO $$ BEGIN RAISE EXCEPTION 'no rows'; END $$; DROP TABLE customers");

        found.Select(finding => finding.RuleId).ShouldBe(["depends-on-rows", "table-dropped"], ignoreOrder: true);
    }

    [PostgresFact]
    public async Task Thousands_of_rows_are_looked_at_together_and_what_is_special_among_them_by_itself()
    {
        var rows = string.Join('\n', Enumerable.Range(1000, 2500).Select(id => $"INSERT INTO orders (id, customer_id) VALUES ({id}, {id});"));
        var single = string.Join('\n', Enumerable.Range(1000, 400).Select(id => $"UPDATE orders SET note = 'x' WHERE id = {id};"));
        await bench.SetUpAsync(Shop);

        var observed = await bench.ObserveAsync($"{rows}\nCREATE TABLE t (id bigint PRIMARY KEY);\n{single}");
        observed.Count.ShouldBe(5);
        observed.ShouldAllBe(statement => statement.Failure == null);

        await bench.SetUpAsync(Shop);
        var found = await bench.JudgeAsync($"{rows}\n{single}\nUPDATE orders SET note = 'all';\n{single}");
        found.ShouldHaveSingleItem().RuleId.ShouldBe("rows-changed-unbatched");
        found[0].Line.ShouldBe(2901);

        await bench.SetUpAsync(Shop);
        var failed = await bench.JudgeAsync($"{rows}\nINSERT INTO orders (id, missing) VALUES (1, 2);\n{rows}");
        failed.ShouldHaveSingleItem().RuleId.ShouldBe("statement-fails");
        failed[0].Line.ShouldBe(2501);
    }

    [PostgresFact]
    public async Task Rows_that_ask_for_others_of_production_are_tried_a_bounded_number_of_times()
    {
        await bench.SetUpAsync($"{Shop}; ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers");

        var found = await bench.JudgeAsync(string.Join('\n', Enumerable.Range(1000, 300).Select(id => $"INSERT INTO orders (id, customer_id) VALUES ({id}, {id});")));

        var notice = found.ShouldHaveSingleItem();
        notice.RuleId.ShouldBe("depends-on-rows");
        notice.What.ShouldEndWith("So it is with 300 statements, down to line 300.");
    }

    [PostgresFact]
    public async Task Rows_that_made_up_ones_are_in_the_way_of_are_looked_at_together_once_those_are_gone()
    {
        const string refuseOneByOne = "DO $$ BEGIN IF (SELECT count(DISTINCT xmin::text) FROM orders) > 10 THEN RAISE EXCEPTION 'each had a savepoint of its own'; END IF; END $$";
        await bench.SetUpAsync(Shop);

        var observed = await bench.ObserveAsync($"{string.Join('\n', Enumerable.Range(1, 2500).Select(id => $"INSERT INTO orders (id, customer_id) VALUES ({id}, {id});"))}\n{refuseOneByOne}");

        observed.Select(statement => statement.Statement.Line).ShouldBe([1, 2, 1002, 2002, 2501]);
        observed.Where(statement => statement.RowsRefused is not null).ShouldHaveSingleItem().Statement.Line.ShouldBe(1);
    }

    [PostgresFact]
    public async Task What_an_earlier_statement_dropped_is_told_by_its_name()
    {
        await bench.SetUpAsync(Shop);

        var found = await bench.JudgeAsync("DROP TABLE customers; ALTER TABLE orders ADD COLUMN a int");

        found.Single(finding => finding.RuleId == "locks-gathered").What.ShouldContain("holds it on customers:");
    }

    [PostgresTheory(From = 18)]
    [InlineData("ALTER TABLE orders ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) VIRTUAL", "")]
    [InlineData("ALTER TABLE orders ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED", "generated-column-rewrites")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT has_note NOT NULL note", "not-null-scanned column-now-required")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT has_note NOT NULL note NOT VALID", "column-now-required")]
    [InlineData("-- transaction: none\nALTER TABLE orders ADD CONSTRAINT has_note NOT NULL note NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT has_note", "column-now-required")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT has_note NOT NULL note NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT has_note", "column-now-required validated-under-lock several-alter-tables")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT ENFORCED", "")]
    [InlineData("ALTER TABLE stays ADD PRIMARY KEY (room, during WITHOUT OVERLAPS)", "primary-key-builds-index")]
    [InlineData("ALTER TABLE stays ADD UNIQUE (room, during WITHOUT OVERLAPS)", "unique-builds-index")]
    [InlineData("CREATE TABLE nights (room int4range, during daterange, PRIMARY KEY (room, during WITHOUT OVERLAPS))", "")]
    public async Task What_is_new_in_18_is_judged_by_what_it_does(string sql, string rules)
    {
        await bench.SetUpAsync($"{Shop}; CREATE TABLE stays (room int4range NOT NULL, during daterange NOT NULL)");

        var found = await bench.JudgeAsync(sql);

        found.Select(finding => finding.RuleId).ShouldBe(rules.Split(' ', StringSplitOptions.RemoveEmptyEntries), ignoreOrder: true, Text(found));
        found.Where(finding => finding.What.Contains("stays")).ShouldAllBe(finding => finding.Sql == null);
    }

    [PostgresTheory(From = 17)]
    [InlineData("ALTER TABLE parts ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY", "numbered-column-rewrites")]
    [InlineData("MERGE INTO orders USING (VALUES (7::bigint)) v (id) ON orders.id = v.id WHEN MATCHED THEN UPDATE SET note = 'x' RETURNING merge_action(), orders.id", "")]
    [InlineData("MERGE INTO orders USING customers ON orders.id = customers.id WHEN MATCHED THEN UPDATE SET note = 'x' RETURNING orders.id", "rows-changed-unbatched")]
    [InlineData("WITH changed AS (MERGE INTO orders USING customers ON orders.id = customers.id WHEN MATCHED THEN UPDATE SET note = 'x' RETURNING orders.id) SELECT count(*) FROM changed", "rows-changed-unbatched")]
    public async Task What_is_new_in_17_is_judged_by_what_it_does(string sql, string rules)
    {
        await bench.SetUpAsync($"{Shop}; CREATE TABLE parts (id bigint) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (1000)");

        var found = await bench.JudgeAsync(sql);

        found.Select(finding => finding.RuleId).Distinct().ShouldBe(rules.Split(' ', StringSplitOptions.RemoveEmptyEntries), ignoreOrder: true, Text(found));
    }

    [PostgresFact]
    public async Task The_way_back_says_which_data_it_loses()
    {
        await bench.SetUpAsync(Shop);
        (await bench.JudgeAsync("ALTER TABLE orders DROP COLUMN note", Direction.Down)).ShouldHaveSingleItem().What.ShouldContain("orders.note");
        (await bench.JudgeAsync("ALTER TABLE orders ALTER state DROP DEFAULT", Direction.Down)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_rule_has_an_id_of_its_own_and_an_example_here()
    {
        var examples = typeof(SafetyRuleTests).GetMethod(nameof(A_rule_finds_what_is_unsafe_and_nothing_else))!
            .GetCustomAttributesData().Where(data => data.AttributeType == typeof(InlineDataAttribute))
            .Select(data => ((IReadOnlyCollection<System.Reflection.CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!).First().Value).ToHashSet();

        SafetyRules.All.Select(rule => rule.Id).ShouldBeUnique();
        SafetyRules.All.Select(rule => rule.Id).Where(id => !examples.Contains(id)).ShouldBe(["backfill-key-without-index", "down-loses-data"], ignoreOrder: true);
    }

    private static string Text(IEnumerable<Finding> findings) => string.Join("\n", findings.Select(finding => $"{finding.RuleId}: {finding.What}"));
}
