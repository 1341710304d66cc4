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
        await database.ExecuteAsync(setup);
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
}
