using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Projections.Migrations.Execution;
using Projections.Migrations.Hosting;
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
        _files.With("001_a", "SELECT 1/0", "SELECT 1");
        var other = new Traffic(database);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddHostedService(_ => other);
        builder.Services.AddMigrations(database.ConnectionString, _files.Options);
        using var host = builder.Build();

        (await Should.ThrowAsync<MigrationFailed>(() => host.RunAsync())).Message.ShouldContain("division by zero");
        other.FoundTable.ShouldBeNull();
    }

    private sealed class Traffic(TestDatabase database) : IHostedService
    {
        public bool? FoundTable { get; private set; }

        public async Task StartAsync(CancellationToken cancellationToken) =>
            FoundTable = await database.ScalarAsync<bool>("SELECT to_regclass('a') IS NOT NULL", cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
