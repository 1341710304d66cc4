using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Projections.Migrations.Copies;
using Projections.Migrations.Execution;
using Projections.Migrations.Hosting;
using Projections.Migrations.Safety;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.Hosting;

public sealed class MigrationsAtStartTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private readonly MigrationFiles _files = new();

    public void Dispose() => _files.Dispose();

    [PostgresFact]
    public async Task Migrations_are_applied_before_any_other_service_starts()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a (id bigint)", "DROP TABLE a");
        var other = new Traffic(database);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddHostedService(_ => other);
        builder.Services.AddMigrations(database.ConnectionString, _files.Options);
        using var host = builder.Build();

        await host.StartAsync();
        await host.StopAsync();

        other.FoundTable.ShouldBe(true);
    }

    [PostgresFact]
    public async Task A_host_whose_migrations_fail_does_not_start()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE taken (id bigint PRIMARY KEY); INSERT INTO taken VALUES (7), (7)", "DROP TABLE taken");
        var other = new Traffic(database);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddHostedService(_ => other);
        builder.Services.AddMigrations(database.ConnectionString, _files.Options);
        using var host = builder.Build();

        (await Should.ThrowAsync<MigrationFailed>(() => host.RunAsync())).Message.ShouldContain("Key (id)=(7) already exists.");
        other.FoundTable.ShouldBeNull();
    }

    [PostgresFact(PgDump = true)]
    public async Task What_is_unsafe_keeps_a_host_in_production_from_starting_and_no_other()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE orders (id bigint PRIMARY KEY, note text)");
        _files.With("001_a", "ALTER TABLE orders DROP COLUMN note", "ALTER TABLE orders ADD COLUMN note text");

        (await Should.ThrowAsync<MigrationsUnsafe>(() => StartAsync(database, "Production"))).Message.ShouldContain("column-dropped");
        (await database.ScalarAsync<bool>("SELECT to_regclass('schema_migrations') IS NULL")).ShouldBeTrue();
        await StartAsync(database, "Production", new MigrationGuard { SafetySkipped = "nobody reads it" });

        (await database.ScalarAsync<string>("SELECT safety_skipped FROM schema_migrations")).ShouldBe("nobody reads it");
        _files.With("002_b", "ALTER TABLE orders ADD COLUMN b int, ALTER COLUMN id TYPE numeric", "ALTER TABLE orders DROP COLUMN b, ALTER COLUMN id TYPE bigint");
        await StartAsync(database, "Development");
        (await database.ScalarAsync<long>("SELECT count(*) FROM schema_migrations")).ShouldBe(2);
    }

    [PostgresFact(PgDump = true)]
    public async Task What_a_pipeline_has_signed_off_runs_without_a_copy_and_what_changed_since_does_not()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE orders (id bigint PRIMARY KEY)");
        _files.With("001_a", "ALTER TABLE orders ADD COLUMN note text", "ALTER TABLE orders DROP COLUMN note");
        var guard = new MigrationGuard { OnlySignedOff = true, Copy = new CopyOptions { Server = "Host=localhost;Port=1;Username=nobody" } };

        (await Should.ThrowAsync<MigrationRefused>(() => StartAsync(database, "Production", guard))).Refusals.ShouldHaveSingleItem().Id.ShouldBe("not-signed-off");
        await SignOffAsync();
        _files.With("001_a", "ALTER TABLE orders ADD COLUMN remark text", "ALTER TABLE orders DROP COLUMN remark");
        (await Should.ThrowAsync<MigrationRefused>(() => StartAsync(database, "Production", guard))).Message.ShouldContain("nobody has signed it off as it is now");
        await SignOffAsync();
        await StartAsync(database, "Production", guard);

        (await database.ScalarAsync<long>("SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'remark'")).ShouldBe(1);

        async Task SignOffAsync() => await new SignOff(_files.Options).WriteAsync(
            database.ConnectionString,
            await new SafetyCheck(_files.Options, new CopyOptions()).RunAsync(new SafetyRequest { Database = database.ConnectionString }, CancellationToken.None),
            CancellationToken.None);
    }

    private async Task StartAsync(TestDatabase database, string environment, MigrationGuard? guard = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        builder.Services.AddMigrations(database.ConnectionString, _files.Options, guard);
        using var host = builder.Build();
        await host.StartAsync();
        await host.StopAsync();
    }

    private sealed class Traffic(TestDatabase database) : IHostedService
    {
        public bool? FoundTable { get; private set; }

        public async Task StartAsync(CancellationToken cancellationToken) =>
            FoundTable = await database.ScalarAsync<bool>("SELECT to_regclass('a') IS NOT NULL", cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
