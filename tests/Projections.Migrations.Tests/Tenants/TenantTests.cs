using System.Diagnostics;
using Projections.Migrations.Running;
using Projections.Migrations.Tenants;
using Projections.TestServers;
using Projections.Testing;
using Xunit.Abstractions;

namespace Projections.Migrations.Tests.Tenants;

public sealed class TenantTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new();

    public void Dispose() => _files.Dispose();

    private MigrationFiles WithNotes() => _files
        .With("001_notes", "-- tenants: each\nCREATE TABLE notes (id bigint PRIMARY KEY, body text)", "-- tenants: each\nDROP TABLE notes")
        .With("002_title", "-- tenants: each\nALTER TABLE notes ADD COLUMN title text", "-- tenants: each\nALTER TABLE notes DROP COLUMN title");

    private static Task CreateTenantsAsync(TestDatabase database, int count) => database.ExecuteAsync(
        $"DO $$ BEGIN FOR i IN 1..{count} LOOP EXECUTE format('CREATE SCHEMA %I', 'tenant_' || to_char(i, 'FM0000')); END LOOP; END $$");

    private Task<MigrationReport> UpAsync(TestDatabase database, TenantOptions? tenants = null) =>
        new MigrationRunner(database.DataSource, _files.Options with { Tenants = tenants ?? new TenantOptions() }).UpAsync(new UpRequest(), None);

    [PostgresFact]
    public async Task Two_hundred_tenants_are_migrated_and_three_that_fail_stop_no_other()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await CreateTenantsAsync(database, 200);
        await database.ExecuteAsync("CREATE TABLE tenant_0007.notes (); CREATE TABLE tenant_0100.notes (); CREATE TABLE tenant_0200.notes ()");
        WithNotes();

        var report = await UpAsync(database);

        report.Succeeded.ShouldBeFalse();
        report.TenantFailures.Select(failure => failure.Schema).ShouldBe(["tenant_0007", "tenant_0100", "tenant_0200"]);
        report.TenantFailures.ShouldAllBe(failure => failure.Reason.Message.Contains("already exists"));
        report.Done.Count.ShouldBe(197 * 2);
        Should.Throw<TenantsFailed>(report.ThrowIfFailed).Message.ShouldContain("3 tenants failed");

        await database.ExecuteAsync("DROP TABLE tenant_0007.notes; DROP TABLE tenant_0100.notes; DROP TABLE tenant_0200.notes");
        var again = await UpAsync(database);

        again.Succeeded.ShouldBeTrue();
        again.Done.Select(outcome => outcome.Tenant).Distinct().Order().ShouldBe(["tenant_0007", "tenant_0100", "tenant_0200"]);
        (await new MigrationRunner(database.DataSource, _files.Options).StatusAsync(None)).IsCurrent.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task Five_hundred_tenants_take_seconds()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await CreateTenantsAsync(database, 500);
        WithNotes();

        var watch = Stopwatch.StartNew();
        (await UpAsync(database)).Done.Count.ShouldBe(1000);
        var first = watch.Elapsed;
        watch.Restart();
        (await UpAsync(database)).Done.ShouldBeEmpty();

        output.WriteLine($"500 tenants, two migrations each: {first.TotalSeconds:0.0} s; nothing to do: {watch.Elapsed.TotalSeconds:0.0} s.");
        first.ShouldBeLessThan(TimeSpan.FromMinutes(2));
    }

    [PostgresFact]
    public async Task A_new_tenant_gets_everything()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await CreateTenantsAsync(database, 2);
        WithNotes();
        await UpAsync(database);
        await database.ExecuteAsync("CREATE SCHEMA tenant_new");

        var report = await UpAsync(database);

        report.Done.Select(outcome => $"{outcome.Tenant} {outcome.Migration.Id}").ShouldBe(["tenant_new 001_notes", "tenant_new 002_title"]);
    }

    [PostgresFact]
    public async Task Names_are_quoted_and_a_query_can_choose_the_tenants()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        const string odd = "tenant \"it's\"; DROP SCHEMA public";
        await database.ExecuteAsync($"CREATE TABLE customers (schema text); INSERT INTO customers VALUES ($${odd}$$); CREATE SCHEMA \"{odd.Replace("\"", "\"\"")}\"");
        WithNotes();

        var report = await UpAsync(database, new TenantOptions { SchemaQuery = "SELECT schema FROM customers" });

        report.Succeeded.ShouldBeTrue();
        report.Done.ShouldAllBe(outcome => outcome.Tenant == odd);
        (await database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE tablename = 'notes' AND schemaname LIKE 'tenant \"it%'")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task What_runs_once_waits_until_every_tenant_has_what_comes_before()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await CreateTenantsAsync(database, 3);
        WithNotes().With("003_once", "CREATE TABLE titles AS SELECT 1 AS n FROM tenant_0002.notes WHERE title IS NULL", "DROP TABLE titles");
        await database.ExecuteAsync("CREATE TABLE tenant_0003.notes ()");

        (await UpAsync(database)).Done.ShouldNotContain(outcome => outcome.Migration.Id == "003_once");
        await database.ExecuteAsync("DROP TABLE tenant_0003.notes");

        (await UpAsync(database)).Done[^1].Migration.Id.ShouldBe("003_once");
    }

    [PostgresFact]
    public async Task Tenants_go_down_together()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await CreateTenantsAsync(database, 3);
        WithNotes();
        await UpAsync(database);

        var report = await new MigrationRunner(database.DataSource, _files.Options).DownAsync(new DownRequest { Steps = 2 }, None);

        report.Done.Count.ShouldBe(6);
        (await database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE tablename = 'notes'")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task Status_says_who_is_where()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await CreateTenantsAsync(database, 2);
        WithNotes();
        await new MigrationRunner(database.DataSource, _files.Options with { Tenants = new TenantOptions { SchemaPattern = "tenant_0001" } }).UpAsync(new UpRequest { To = 1 }, None);

        var status = await new MigrationRunner(database.DataSource, _files.Options).StatusAsync(None);

        status.Tenants.Select(tenant => $"{tenant.Schema} {tenant.Newest?.Id} {tenant.Pending}").ShouldBe(["tenant_0001 001_notes 1", "tenant_0002  2"]);
        status.IsCurrent.ShouldBeFalse();
    }
}
