using Projections.Migrations.Copies;
using Projections.Migrations.RoundTrip;
using Projections.Migrations.Running;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.RoundTrip;

public sealed class RoundTripCheckTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new();

    public void Dispose() => _files.Dispose();

    private async Task<RoundTripReport> VerifyAsync(string setup, CopyOptions? copy = null)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await _files.MakeAsync(database, setup);
        return await new RoundTripCheck(_files.Options, copy ?? new CopyOptions()).RunAsync(database.ConnectionString, null, None);
    }

    internal const string Orders = "CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'paid')), note varchar(20))";

    [PostgresFact]
    public async Task A_way_back_that_restores_everything_passes()
    {
        _files.With("001_a", "ALTER TABLE orders ADD COLUMN total numeric(12,2) DEFAULT 0", "ALTER TABLE orders DROP COLUMN total")
            .With("002_a", "CREATE TABLE lines (order_id bigint REFERENCES orders, n int, PRIMARY KEY (order_id, n))", "DROP TABLE lines")
            .With("003_a", "ALTER TABLE orders RENAME COLUMN note TO remark", "ALTER TABLE orders RENAME COLUMN remark TO note")
            .With("004_a", "-- transaction: none\nCREATE INDEX CONCURRENTLY orders_state ON orders (state)", "-- transaction: none\nDROP INDEX CONCURRENTLY orders_state")
            .With("005_a", "CREATE TYPE mood AS ENUM ('fine'); ALTER TABLE orders ADD COLUMN mood mood", "ALTER TABLE orders DROP COLUMN mood; DROP TYPE mood");

        (await VerifyAsync(Orders)).Results.ShouldAllBe(result => result.Succeeded && result.ChangedTables.Count == 0);
    }

    [PostgresFact]
    public async Task What_the_way_back_does_not_restore_is_shown()
    {
        _files.With("001_a", "ALTER TABLE orders DROP COLUMN note", "ALTER TABLE orders ADD COLUMN note text");

        var report = await VerifyAsync(Orders);

        report.Succeeded.ShouldBeFalse();
        report.Results.ShouldHaveSingleItem().AfterDown.Select(difference => difference.ToString()[..50]).ShouldBe([
            "- table public.orders: column 3: note character va",
            "+ table public.orders: column 3: note text, storag"]);
    }

    [PostgresFact]
    public async Task Rows_that_do_not_come_back_are_named()
    {
        _files.With("001_a", "ALTER TABLE orders DROP COLUMN note", "ALTER TABLE orders ADD COLUMN note varchar(20)");

        var result = (await VerifyAsync(Orders)).Results.ShouldHaveSingleItem();

        result.Succeeded.ShouldBeTrue();
        result.ChangedTables.ShouldBe(["public.orders"]);
    }

    [PostgresFact]
    public async Task A_second_way_up_that_fails_is_found()
    {
        _files.With("001_a", "CREATE TYPE mood AS ENUM ('fine')", "SELECT 1");

        var report = await VerifyAsync(Orders);

        report.Succeeded.ShouldBeFalse();
        var result = report.Results.ShouldHaveSingleItem();
        result.Failure!.Message.ShouldContain("type \"mood\" already exists");
        result.AfterDown.ShouldHaveSingleItem().ToString().ShouldContain("enum 'fine'");
    }

    [PostgresFact(OwnCluster = true)]
    public async Task Only_what_is_pending_is_tried_and_the_database_is_left_alone()
    {
        // On a server of its own, where no other test has a copy at the moment.
        await using var cluster = await postgres.OwnClusterAsync();
        await using var database = await PostgresFixture.CreateDatabaseAsync(cluster);
        _files.With("001_a", Orders, "DROP TABLE missing").With("002_b", "ALTER TABLE orders ADD COLUMN b int", "ALTER TABLE orders DROP COLUMN b");
        await new MigrationRunner(database.DataSource, _files.Options).UpAsync(new UpRequest { To = 1 }, None);
        var check = new RoundTripCheck(_files.Options, new CopyOptions());

        var report = await check.RunAsync(database.ConnectionString, null, None);

        report.Results.ShouldHaveSingleItem().Migration.Id.ShouldBe("002_b");
        report.Succeeded.ShouldBeTrue();
        (await database.ScalarAsync<long>("SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'b'")).ShouldBe(0);
        (await database.ScalarAsync<long>("SELECT count(*) FROM pg_database WHERE datname LIKE 'throwaway%'")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task Without_a_database_the_applied_ones_are_replayed()
    {
        var server = await PostgresForTests.GetConnectionStringAsync();
        _files.With("001_a", Orders, "SELECT 1").With("002_b", "ALTER TABLE orders ADD COLUMN b int", "ALTER TABLE orders DROP COLUMN b");

        var report = await new RoundTripCheck(_files.Options, new CopyOptions { Server = server }).RunAsync(null, 1, None);

        report.Results.ShouldHaveSingleItem().Migration.Id.ShouldBe("002_b");
        report.Succeeded.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task Real_rows_find_what_made_up_ones_do_not()
    {
        _files.With("001_a", "ALTER TABLE orders ALTER note TYPE int USING note::int", "ALTER TABLE orders ALTER note TYPE varchar(20)")
            .With("sample.sql.txt", "INSERT INTO orders VALUES (1, 'new', 'call me')");

        (await VerifyAsync(Orders)).Succeeded.ShouldBeTrue();
        var report = await VerifyAsync(Orders, new CopyOptions { SampleFile = _files.PathOf("sample.sql.txt") });

        report.Results.ShouldHaveSingleItem().Failure!.Message.ShouldContain("invalid input syntax");
    }

    [PostgresFact]
    public async Task An_irreversible_migration_is_tried_upwards_and_named()
    {
        _files.With("001_a", "SELECT 1", "-- irreversible: the letters have been sent");

        (await VerifyAsync(Orders)).Results.ShouldHaveSingleItem().Irreversible.ShouldBe("the letters have been sent");
    }

    [PostgresFact]
    public async Task A_tenant_migration_is_tried_in_one_tenant()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b");
        _files.With("001_a", "-- tenants: each\nCREATE TABLE notes (id bigint)", "-- tenants: each\nDROP TABLE notes");

        var report = await new RoundTripCheck(_files.Options, new CopyOptions()).RunAsync(database.ConnectionString, null, None);

        report.Succeeded.ShouldBeTrue();
        report.Results.Count.ShouldBe(1);
    }

    [PostgresFact]
    public async Task A_backfill_goes_down_by_its_own_backfill()
    {
        _files.With("001_a.backfill.sql", "-- table: orders\n-- key: id\nUPDATE orders SET note = 'x' WHERE id BETWEEN :first AND :last")
            .With("001_a.backfill.down.sql", "-- table: orders\n-- key: id\nUPDATE orders SET note = id::text WHERE id BETWEEN :first AND :last");

        var result = (await VerifyAsync(Orders)).Results.ShouldHaveSingleItem();

        result.Failure.ShouldBeNull();
        result.ChangedTables.ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task Migrations_that_a_database_has_already_are_tried_again_on_a_copy_that_has_not()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", Orders, "DROP TABLE orders").With("002_b", "ALTER TABLE orders ADD COLUMN b int", "ALTER TABLE orders DROP COLUMN b");
        (await new MigrationRunner(database.DataSource, _files.Options).UpAsync(new UpRequest(), None)).ThrowIfFailed();

        var report = await new RoundTripCheck(_files.Options, new CopyOptions()).RunAsync(database.ConnectionString, 0, None);

        report.Results.Select(result => result.Migration.Id).ShouldBe(["001_a", "002_b"]);
        report.Succeeded.ShouldBeTrue(string.Join("\n", report.Results.Select(result => result.Failure?.Message)));
        report.Notes.ShouldContain(note => note.Contains("has migrations after 0 already"));
    }

    [PostgresFact]
    public async Task A_sequence_that_stands_elsewhere_afterwards_is_named()
    {
        _files.With("001_a", "INSERT INTO users (name) VALUES ('admin')", "DELETE FROM users WHERE name = 'admin'");

        var result = (await VerifyAsync("CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)")).Results.ShouldHaveSingleItem();

        result.Succeeded.ShouldBeTrue(result.Failure?.Message);
        result.MovedSequences.ShouldBe(["public.users_id_seq"]);
    }

    [PostgresFact]
    public async Task What_reaches_beyond_the_copy_is_not_tried()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var role = $"role_{Guid.NewGuid():n}";
        _files.With("001_a", $"CREATE TABLE a (id int); CREATE ROLE {role}", $"DROP ROLE {role}; DROP TABLE a");

        var report = await new RoundTripCheck(_files.Options, new CopyOptions()).RunAsync(database.ConnectionString, null, None);

        report.Succeeded.ShouldBeTrue();
        report.Notes.ShouldContain(note => note.Contains("reaches beyond the copy: CREATE ROLE"));
        (await database.ScalarAsync<long>($"SELECT count(*) FROM pg_roles WHERE rolname = '{role}'")).ShouldBe(0);
    }

    [PostgresTheory(From = 17)]
    [InlineData("ALTER TABLE parts ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY", "ALTER TABLE parts DROP COLUMN n")]
    [InlineData("MERGE INTO orders USING (VALUES (-1)) v (id) ON orders.id = v.id WHEN NOT MATCHED THEN INSERT (id) VALUES (v.id) RETURNING merge_action(), orders.id", "DELETE FROM orders WHERE id = -1")]
    public async Task What_is_new_in_17_goes_up_and_down(string up, string down) => await GoesUpAndDownAsync(up, down);

    [PostgresTheory(From = 18)]
    [InlineData("ALTER TABLE orders ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) VIRTUAL", "ALTER TABLE orders DROP COLUMN twice")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT has_note NOT NULL note NOT VALID", "ALTER TABLE orders DROP CONSTRAINT has_note")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT ENFORCED", "ALTER TABLE orders DROP CONSTRAINT positive")]
    [InlineData("ALTER TABLE stays ADD CONSTRAINT apart UNIQUE (room, during WITHOUT OVERLAPS)", "ALTER TABLE stays DROP CONSTRAINT apart")]
    [InlineData("CREATE TABLE visits (room int4range, during daterange, FOREIGN KEY (room, PERIOD during) REFERENCES nights (room, PERIOD during))", "DROP TABLE visits")]
    public async Task What_is_new_in_18_goes_up_and_down(string up, string down) => await GoesUpAndDownAsync(up, down);

    [PostgresFact(From = 18)]
    public async Task A_column_that_is_stored_is_not_one_that_is_virtual()
    {
        _files.With(
            "001_a",
            "ALTER TABLE orders DROP COLUMN twice; ALTER TABLE orders ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED",
            "ALTER TABLE orders DROP COLUMN twice; ALTER TABLE orders ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED");

        var result = (await VerifyAsync($"{Orders}; ALTER TABLE orders ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) VIRTUAL")).Results.ShouldHaveSingleItem();

        result.AfterDown.Select(difference => difference.ToString()).ShouldContain(line => line.StartsWith("- table public.orders: column 4: twice bigint GENERATED (id * 2) VIRTUAL", StringComparison.Ordinal));
    }

    private async Task GoesUpAndDownAsync(string up, string down)
    {
        _files.With("001_a", up, down);

        var result = (await VerifyAsync(
            $"""
            {Orders};
            CREATE TABLE parts (id bigint) PARTITION BY RANGE (id);
            CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (1000);
            CREATE TABLE stays (id bigint PRIMARY KEY, room int4range, during daterange);
            {NightsOf18}
            """)).Results.ShouldHaveSingleItem();

        result.Succeeded.ShouldBeTrue($"{result.Failure?.Message} {string.Join("\n", result.AfterDown)}");
        result.ChangedTables.ShouldBeEmpty();
    }

    // What has a key WITHOUT OVERLAPS itself can be made from 18 on only.
    private static string NightsOf18 => PostgresVersion.WhyNot(18) is null ? "CREATE TABLE nights (room int4range, during daterange, PRIMARY KEY (room, during WITHOUT OVERLAPS));" : "";
}
