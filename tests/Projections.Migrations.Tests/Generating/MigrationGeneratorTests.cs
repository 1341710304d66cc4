using Projections.Migrations.Copies;
using Projections.Migrations.Files;
using Projections.Migrations.Generating;
using Projections.Migrations.RoundTrip;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;
using Projections.Migrations.Schemas;
using Projections.Postgres;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Migrations.Tests.Generating;

public sealed class MigrationGeneratorTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private const string Orders = "CREATE TABLE orders (id bigint PRIMARY KEY, state text, note text)";

    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new();

    public void Dispose() => _files.Dispose();

    // How many pairs are tried; more of them in a run for the night.
    private static int Pairs => int.TryParse(Environment.GetEnvironmentVariable("GENERATED_PAIRS"), out var count) ? count : 2;

    private static int FirstSeed => int.TryParse(Environment.GetEnvironmentVariable("GENERATED_SEED"), out var seed) ? seed : 1;

    [PostgresFact]
    public async Task Random_pairs_of_schemas_are_led_from_the_one_to_the_other_safely_and_back()
    {
        for (var seed = FirstSeed; seed < FirstSeed + Pairs; seed++)
        {
            using var files = new MigrationFiles();
            var schemas = new RandomSchemas(seed);
            var (present, wanted) = schemas.Pair();
            try
            {
                await ProveAsync(files, present, wanted, schemas.Fills);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed}: {failure.Message}\n-- from\n{present}\n-- to\n{wanted}\n{Written(files)}", failure);
            }
        }
    }

    private async Task ProveAsync(MigrationFiles files, string present, string wanted, IReadOnlyList<string> fills)
    {
        files.With("001_present", present, "-- irreversible: it is the beginning");

        var report = await GenerateAsync(files, wanted, because: "a test", fills: fills);

        report.Notes.ShouldBeEmpty();
        report.Rest.Select(difference => difference.ToString()).ShouldBeEmpty();
        await EnsureLeadsToAsync(files, wanted);
    }

    // What passes neither check nor verify the generator does not write.
    private static async Task EnsurePassesAsync(MigrationFiles files)
    {
        var server = await PostgresForTests.GetConnectionStringAsync();
        var copy = new CopyOptions { Server = server, Source = CopySource.Migrations };
        var check = await new SafetyCheck(files.Options, copy).RunAsync(new SafetyRequest { AppliedTo = 1 }, None);
        check.Findings.Where(finding => finding.IsUnsafe).Select(finding => $"{finding.RuleId} {finding.What}").ShouldBeEmpty();
        check.Findings.ShouldNotContain(finding => finding.RuleId == "allowance-without-finding");
        (await new RoundTripCheck(files.Options, copy).RunAsync(null, 1, None)).Succeeded.ShouldBeTrue();
    }

    private async Task EnsureLeadsToAsync(MigrationFiles files, string wanted)
    {
        await using var made = await postgres.CreateDatabaseAsync();
        (await new MigrationRunner(made.DataSource, files.Options).UpAsync(new UpRequest(), None)).ThrowIfFailed();
        await made.ExecuteAsync("DROP TABLE schema_migrations");
        await using var other = await postgres.CreateDatabaseAsync();
        await other.ExecuteAsync(wanted);
        SchemaDifference.Between(await ReadAsync(other), await ReadAsync(made)).Select(difference => difference.ToString()).ShouldBeEmpty();
    }

    private static async Task<IReadOnlyList<SchemaLine>> ReadAsync(TestDatabase database)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        return [.. (await SchemaDump.ReadAsync(connection, None)).Select(line => line.WithoutPlace())];
    }

    private static async Task<GenerateReport> GenerateAsync(MigrationFiles files, string wanted, string? because = null, string? rename = null, IReadOnlyList<string>? fills = null, IReadOnlyList<string>? back = null)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("wanted_").FullName, "schema.sql");
        try
        {
            await File.WriteAllTextAsync(path, wanted);
            return await new MigrationGenerator(files.Options).RunAsync(
                new GenerateRequest
                {
                    Name = "Wanted", WantedFile = path, Server = await PostgresForTests.GetConnectionStringAsync(), Because = because,
                    Renames = rename is null ? [] : [rename], Fills = fills ?? [], FillsBack = back ?? [],
                },
                None);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    private static string Written(MigrationFiles files) => string.Join(
        "\n", Directory.EnumerateFiles(files.Folder).Order(StringComparer.Ordinal).Where(path => !path.Contains("001_")).Select(path => $"-- {Path.GetFileName(path)}\n{File.ReadAllText(path)}"));

    private string Read(string name) => File.ReadAllText(_files.PathOf(name));

    [PostgresFact]
    public async Task A_table_with_rows_is_changed_in_forms_that_block_nobody()
    {
        _files.With("001_orders", $"{Orders}; CREATE TABLE customers (id bigint PRIMARY KEY)", "DROP TABLE orders, customers");

        var report = await GenerateAsync(_files, """
            CREATE TABLE customers (id bigint PRIMARY KEY);
            CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL, note text, email text NOT NULL, customer bigint REFERENCES customers, total numeric NOT NULL DEFAULT 0 CHECK (total >= 0));
            CREATE INDEX orders_customer ON orders (customer);
            """, fills: ["orders.email='ask ' || note"]);

        report.Files.Select(Path.GetFileName).Where(name => !name!.EndsWith(".down.sql", StringComparison.Ordinal))
            .ShouldBe(["002_wanted.up.sql", "003_wanted_rows.backfill.sql", "004_wanted_indexes.up.sql", "005_wanted_constraints.up.sql"]);
        report.Rest.ShouldBeEmpty();
        Read("002_wanted.up.sql").ShouldBe("ALTER TABLE public.orders ADD COLUMN email text;\n\nALTER TABLE public.orders ADD COLUMN customer bigint;\n\nALTER TABLE public.orders ADD COLUMN total numeric DEFAULT 0 NOT NULL;\n");
        Read("003_wanted_rows.backfill.sql").ShouldBe("-- table: public.orders\n-- key: id\nUPDATE public.orders SET email = 'ask ' || note\n WHERE id BETWEEN :first AND :last AND email IS NULL;\n");
        Read("004_wanted_indexes.up.sql").ShouldBe("-- transaction: none\n\nCREATE INDEX CONCURRENTLY orders_customer ON public.orders USING btree (customer);\n");
        Read("004_wanted_indexes.down.sql").ShouldBe("-- transaction: none\n\nDROP INDEX CONCURRENTLY public.orders_customer;\n");
        var constraints = Read("005_wanted_constraints.up.sql");
        constraints.ShouldContain("FOREIGN KEY (customer) REFERENCES public.customers(id) NOT VALID;");
        constraints.ShouldContain("VALIDATE CONSTRAINT orders_customer_fkey;");
        constraints.ShouldContain("CHECK (state IS NOT NULL) NOT VALID;");
        constraints.ShouldContain("ALTER COLUMN state SET NOT NULL;");
        await EnsurePassesAsync(_files);
    }

    [PostgresFact]
    public async Task A_column_gets_another_type_while_rows_are_written_and_its_old_one_again_without_a_loss()
    {
        const string trigger = "CREATE FUNCTION note_total() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'of ' || NEW.total; RETURN NEW; END $$; CREATE TRIGGER noted BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION note_total();";
        const string rest = $"{trigger} CREATE INDEX orders_total ON orders (total, id) WHERE total > 0; COMMENT ON INDEX orders_total IS 'Dear ones.'; COMMENT ON COLUMN orders.total IS 'In cents.'; GRANT SELECT (total) ON orders TO pg_monitor;";
        const string present = $"CREATE TABLE customers (id bigint PRIMARY KEY); CREATE TABLE orders (id bigint PRIMARY KEY, total integer NOT NULL DEFAULT 7 CONSTRAINT positive CHECK (total >= 0), customer integer REFERENCES customers, note text, placed timestamp, UNIQUE (total, customer)); {rest}";
        const string wanted = $"CREATE TABLE customers (id bigint PRIMARY KEY); CREATE TABLE orders (id bigint PRIMARY KEY, total bigint NOT NULL DEFAULT 7 CONSTRAINT positive CHECK (total >= 0), customer bigint REFERENCES customers, note text, placed timestamptz, UNIQUE (total, customer)); {rest}";
        _files.With("001_orders", present, "-- irreversible: it is the beginning");

        var report = await GenerateAsync(_files, wanted, fills: ["orders.placed=placed AT TIME ZONE 'UTC'"], back: ["orders.placed=placed AT TIME ZONE 'UTC'"]);

        report.Notes.ShouldBeEmpty();
        report.Rest.ShouldBeEmpty();
        report.Files.Select(Path.GetFileName).Where(name => !name!.EndsWith(".down.sql", StringComparison.Ordinal)).ShouldBe(
            [
                "002_wanted_next.up.sql", "003_wanted_next_rows.backfill.sql", "004_wanted_next_rows.backfill.sql", "005_wanted_next_rows.backfill.sql",
                "006_wanted_next_indexes.up.sql", "007_wanted_next_constraints.up.sql", "008_wanted_swap.up.sql", "009_wanted_contract.up.sql",
            ]);
        await EnsurePassesAsync(_files);
        await EnsureLeadsToAsync(_files, wanted);
        await EnsureKeepsRowsAsync();
    }

    // Rows come and change between any two migrations, as a service's code would write them in one session.
    private async Task EnsureKeepsRowsAsync()
    {
        const int swap = 8;
        await using var database = await postgres.CreateDatabaseAsync();
        var runner = new MigrationRunner(database.DataSource, _files.Options);
        (await runner.UpAsync(new UpRequest { To = 1 }, None)).ThrowIfFailed();
        await using var service = await database.DataSource.OpenConnectionAsync();
        await service.ExecuteLongAsync("INSERT INTO customers VALUES (1); INSERT INTO orders SELECT 1000 + n, n, CASE WHEN n % 2 = 0 THEN 1 END, 'old', '2024-03-31 02:30' FROM generate_series(1, 100) n", None);
        for (var number = 2; number <= swap; number++)
        {
            (await runner.UpAsync(new UpRequest { To = number }, None)).ThrowIfFailed();
            await service.ExecuteLongAsync($"INSERT INTO orders (id, total, placed) VALUES ({number}, {number * 1000}, '2024-01-0{number}'); UPDATE orders SET total = total + 100000 WHERE id IN ({number}, {1000 + number})", None);
        }

        const string look = "SELECT string_agg(concat_ws(' ', id, total, customer, note, placed), '; ' ORDER BY id) FROM (SELECT id, total, customer, note, placed AT TIME ZONE 'UTC' FROM orders) o (id, total, customer, note, placed)";
        var after = await database.ScalarAsync<string>(look);
        after.ShouldContain("2 102000 of 102000 2024-01-02 00:00:00; ");
        after.ShouldContain("; 1002 100002 1 of 100002 2024-03-31 02:30:00; ");
        (await runner.DownAsync(new DownRequest { To = 1 }, None)).ThrowIfFailed();

        (await database.ScalarAsync<string>(look.Replace("placed AT TIME ZONE 'UTC'", "placed", StringComparison.Ordinal))).ShouldBe(after);
        await service.ExecuteLongAsync("UPDATE orders SET total = total", None);
        (await runner.UpAsync(new UpRequest(), None)).ThrowIfFailed();
        (await database.ScalarAsync<string>(look)).ShouldBe(after);
        await service.ExecuteLongAsync("INSERT INTO orders (id, total) VALUES (5000000001, 5000000000)", None);
    }

    [PostgresFact]
    public async Task A_type_that_is_stored_alike_is_changed_at_once()
    {
        _files.With("001_orders", "CREATE TABLE orders (id varchar(10) PRIMARY KEY, state varchar(20) DEFAULT 'new', price numeric(8,2)); CREATE INDEX states ON orders (state)", "DROP TABLE orders");

        var report = await GenerateAsync(_files, "CREATE TABLE orders (id varchar(20) PRIMARY KEY, state text DEFAULT 'new', price numeric(10,2)); CREATE INDEX states ON orders (state)");

        report.Notes.ShouldBeEmpty();
        report.Rest.ShouldBeEmpty();
        Read("002_wanted.up.sql").ShouldBe(
            """
            ALTER TABLE public.orders ALTER COLUMN id TYPE character varying(20);

            ALTER TABLE public.orders ALTER COLUMN state DROP DEFAULT, ALTER COLUMN state TYPE text, ALTER COLUMN state SET DEFAULT 'new'::text;

            ALTER TABLE public.orders ALTER COLUMN price TYPE numeric(10,2);

            """);
        Read("002_wanted.down.sql").ShouldStartWith("-- safety: allow type-change-rewrites \"only the way back writes the table anew, ");
        await EnsurePassesAsync(_files);
    }

    [PostgresFact]
    public async Task A_type_that_cannot_be_changed_by_a_column_beside_it_is_listed_with_the_reason()
    {
        _files.With(
            "001_orders",
            """
            CREATE TABLE orders (id integer PRIMARY KEY, total integer, placed timestamp, twice integer GENERATED ALWAYS AS (total * 2) STORED, price integer, note text, note_next text, kind text);
            CREATE VIEW prices AS SELECT price FROM orders;
            CREATE TABLE lines (total integer)
            """,
            "DROP TABLE lines; DROP VIEW prices; DROP TABLE orders");

        var report = await GenerateAsync(_files, """
            CREATE TABLE orders (id bigint PRIMARY KEY, total bigint, placed timestamptz, twice integer GENERATED ALWAYS AS (total * 2) STORED, price bigint, note varchar(10), note_next text, kind integer);
            CREATE VIEW prices AS SELECT price FROM orders;
            CREATE TABLE lines (total bigint)
            """, fills: ["orders.kind=length(kind)"]);

        report.Notes.ShouldBe(
            [
                "column public.orders.id: integer becomes bigint: constraint public.orders.orders_pkey stands on it",
                "column public.orders.total: integer becomes bigint: column public.orders.twice stands on it",
                "column public.orders.placed: timestamp without time zone becomes timestamp with time zone: what becomes of a value depends on the session's settings: say what rows get by --fill public.orders.placed=EXPRESSION",
                "column public.orders.price: integer becomes bigint: view public.prices stands on it",
                "column public.orders.note: text becomes character varying(10): there is a column note_next beside it",
                "column public.lines.total: integer becomes bigint: its rows cannot be walked, for its table has no primary key of one column",
                "view public.prices: it stands on what cannot be written",
            ],
            ignoreOrder: true);
        Read("002_wanted_next.up.sql").ShouldContain("NEW.kind_next := (SELECT length(kind) FROM (SELECT NEW.*) AS orders);");
        await EnsurePassesAsync(_files);
    }

    [PostgresFact]
    public async Task What_may_be_a_rename_is_asked_about_and_nothing_is_written_before_it_is_answered()
    {
        const string wanted = "CREATE TABLE purchases (id bigint PRIMARY KEY, state text, remark text)";
        _files.With("001_orders", "CREATE TABLE purchases (id bigint PRIMARY KEY, state text, note text)", "DROP TABLE purchases");

        var refused = await Should.ThrowAsync<MigrationRefused>(() => GenerateAsync(_files, wanted));
        refused.Refusals.Select(refusal => refusal.Id).ShouldBe(["column-dropped", "rename", "unsafe"]);
        refused.Message.ShouldContain("--rename 'public.purchases.note=remark'");
        Directory.EnumerateFiles(_files.Folder).Count().ShouldBe(2);

        var report = await GenerateAsync(_files, wanted, "no code reads it", "purchases.note=remark");

        report.Rest.ShouldBeEmpty();
        Read("002_wanted.up.sql").ShouldBe("-- safety: allow column-renamed \"no code reads it\"\n\nALTER TABLE public.purchases RENAME COLUMN \"note\" TO \"remark\";\n");
        Read("002_wanted.down.sql").ShouldContain("RENAME COLUMN \"remark\" TO \"note\"");
        (await Should.ThrowAsync<MigrationRefused>(() => GenerateAsync(_files, wanted, null, "nothing.at=all"))).Message.ShouldContain("There is no table or column 'nothing.at'");
    }

    [PostgresFact]
    public async Task A_table_with_another_name_keeps_its_rows_when_somebody_says_that_it_is_the_same()
    {
        const string wanted = "CREATE TABLE purchases (id bigint CONSTRAINT orders_pkey PRIMARY KEY, state text, note text)";
        _files.With("001_orders", Orders, "DROP TABLE orders");

        (await Should.ThrowAsync<MigrationRefused>(() => GenerateAsync(_files, wanted))).Message.ShouldContain("--rename 'public.orders=purchases'");
        (await GenerateAsync(_files, wanted, "all code is down", "orders=purchases")).Rest.ShouldBeEmpty();

        Read("002_wanted.up.sql").ShouldContain("ALTER TABLE public.orders RENAME TO \"purchases\";");
    }

    [PostgresFact]
    public async Task A_primary_key_goes_before_its_columns_may_be_without_a_value()
    {
        _files.With("001_orders", Orders, "DROP TABLE orders");

        var report = await GenerateAsync(_files, "CREATE TABLE orders (id bigint, state text, note text)", "a queue has none");

        report.Rest.ShouldBeEmpty();
        var up = Read("002_wanted.up.sql");
        up.IndexOf("DROP CONSTRAINT orders_pkey", StringComparison.Ordinal).ShouldBeInRange(0, up.IndexOf("DROP NOT NULL", StringComparison.Ordinal));
        await EnsurePassesAsync(_files);
    }

    [PostgresFact]
    public async Task Values_of_an_enum_come_first_and_stay()
    {
        _files.With("001_orders", $"CREATE TYPE mood AS ENUM ('fine', 'poor'); {Orders}", "DROP TABLE orders; DROP TYPE mood");

        var report = await GenerateAsync(_files, "CREATE TYPE mood AS ENUM ('it''s new', 'fine', 'so so', 'poor', 'gone'); CREATE TABLE orders (id bigint PRIMARY KEY, state text, note text, mood mood DEFAULT 'gone')");

        report.Rest.ShouldBeEmpty();
        Read("002_wanted_values.up.sql").ShouldBe(
            "ALTER TYPE public.mood ADD VALUE 'it''s new' BEFORE 'fine';\n\nALTER TYPE public.mood ADD VALUE 'so so' AFTER 'fine';\n\nALTER TYPE public.mood ADD VALUE 'gone' AFTER 'poor';\n");
        Read("002_wanted_values.down.sql").ShouldBe("-- irreversible: values of public.mood cannot be taken away\n");
        Read("003_wanted.up.sql").ShouldContain("DEFAULT 'gone'::public.mood");
        await EnsurePassesAsync(_files);
    }

    [PostgresFact]
    public async Task What_cannot_be_written_is_listed_and_the_rest_is_written()
    {
        _files.With("001_orders", $"{Orders}; CREATE TYPE mood AS ENUM ('fine', 'poor'); CREATE DOMAIN amount AS integer; CREATE SEQUENCE numbers", "DROP TABLE orders; DROP TYPE mood; DROP DOMAIN amount; DROP SEQUENCE numbers");

        var report = await GenerateAsync(_files, """
            CREATE TYPE mood AS ENUM ('poor', 'fine');
            CREATE DOMAIN amount AS integer NOT NULL;
            CREATE SEQUENCE numbers MAXVALUE 10;
            CREATE UNLOGGED TABLE orders (id bigint PRIMARY KEY, state integer, note text, email text NOT NULL, total numeric);
            CREATE TABLE parted (day date) PARTITION BY RANGE (day);
            CREATE VIEW mails AS SELECT email FROM orders;
            """);

        report.Files.Count.ShouldBe(2);
        report.Notes.ShouldBe(
            [
                "type public.amount: NOT NULL of a domain reads every table with a column of it under a lock: say it of the columns",
                "type public.mood: values of an enum can only be added: make another type, and columns of it",
                "sequence public.numbers: numbers that it has given out may lie beyond its new bounds",
                "table public.orders: PostgreSQL would write the whole table anew for it",
                "column public.orders.state: text becomes integer: PostgreSQL does not convert it by itself: say what rows get by --fill public.orders.state=EXPRESSION",
                "column public.orders.email: rows that are there need a value: say one by --fill public.orders.email=EXPRESSION, for a table whose primary key is one column",
                "other public.parted: partitions, foreign tables, aggregates and range types are not written",
                "view public.mails: it stands on what cannot be written",
            ],
            ignoreOrder: true);
        report.Rest.ShouldContain(difference => difference.IsMissing && difference.Line.Object == "view public.mails");
        Read("002_wanted.up.sql").ShouldBe("ALTER TABLE public.orders ADD COLUMN total numeric;\n");
    }

    [PostgresFact]
    public async Task Where_nothing_is_wanted_nothing_is_written_and_a_schema_that_fails_is_named()
    {
        _files.With("001_orders", Orders, "DROP TABLE orders");

        var report = await GenerateAsync(_files, Orders);
        (report.Files.Count, report.Rest.Count).ShouldBe((0, 0));
        (await Should.ThrowAsync<MigrationRefused>(() => GenerateAsync(_files, $"{Orders};\nSELECT nothing()"))).Message.ShouldContain("schema.sql:2: function nothing() does not exist");
    }

    [PostgresFact]
    public async Task The_script_of_an_EF_Core_model_is_a_wanted_schema()
    {
        using var files = new MigrationFiles();
        Directory.Delete(files.Folder);

        var report = await GenerateAsync(files, """
            CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
                "MigrationId" character varying(150) NOT NULL,
                CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY ("MigrationId")
            );

            START TRANSACTION;
            DO $EF$
            BEGIN
                IF NOT EXISTS(SELECT 1 FROM "__EFMigrationsHistory" WHERE "MigrationId" = '20260101000000_Initial') THEN
                CREATE TABLE "Orders" (
                    "Id" integer GENERATED BY DEFAULT AS IDENTITY,
                    "PlacedAt" timestamp with time zone NOT NULL,
                    CONSTRAINT "PK_Orders" PRIMARY KEY ("Id")
                );
                END IF;
            END $EF$;
            CREATE INDEX "IX_Orders_PlacedAt" ON "Orders" ("PlacedAt");
            INSERT INTO "__EFMigrationsHistory" VALUES ('20260101000000_Initial');
            COMMIT;
            """);

        report.Notes.ShouldBeEmpty();
        report.Rest.ShouldBeEmpty();
        File.ReadAllText(files.PathOf("001_wanted.up.sql")).ShouldContain("CREATE TABLE public.\"Orders\" (\n    \"Id\" integer GENERATED BY DEFAULT AS IDENTITY NOT NULL,");
    }

    [PostgresFact]
    public async Task A_service_begins_with_its_schema()
    {
        using var files = new MigrationFiles();
        Directory.Delete(files.Folder);

        (await GenerateAsync(files, $"{Orders}; CREATE INDEX orders_state ON orders (state)")).Rest.ShouldBeEmpty();

        File.ReadAllText(files.PathOf("001_wanted.up.sql")).ShouldBe(
            """
            CREATE TABLE public.orders (
                id bigint NOT NULL,
                state text,
                note text,
                CONSTRAINT orders_pkey PRIMARY KEY (id)
            );

            CREATE INDEX orders_state ON public.orders USING btree (state);

            """);
        (await MigrationFolder.ReadAsync(files.Folder, None)).ShouldHaveSingleItem().Down!.Statements.ShouldHaveSingleItem().Text.ShouldBe("DROP TABLE public.orders");
    }
}
