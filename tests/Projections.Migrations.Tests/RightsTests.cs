using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Migrations.Tests;

/// <summary>Roles with the rights that they have in production.</summary>
public sealed class RightsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new MigrationFiles().With("001_a", "CREATE TABLE a (id bigint PRIMARY KEY)", "DROP TABLE a");

    public void Dispose() => _files.Dispose();

    [PostgresFact]
    public async Task A_role_that_may_create_tables_alone_may_migrate()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var role = await Role.CreateAsync(database, name => $"CREATE SCHEMA app AUTHORIZATION {name}; ALTER ROLE {name} SET search_path = app");
        await using var source = NpgsqlDataSource.Create(role.ConnectionString);

        (await new MigrationRunner(source, _files.Options with { TrackingSchema = "app" }).UpAsync(new UpRequest(), None)).ThrowIfFailed();

        (await database.ScalarAsync<long>("SELECT count(*) FROM app.schema_migrations")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task A_role_that_lacks_a_right_is_told_which_and_what_for()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var role = await Role.CreateAsync(database, _ => "SELECT 1");
        await using var source = NpgsqlDataSource.Create(role.ConnectionString);

        var tracking = await Should.ThrowAsync<MigrationRefused>(() => new MigrationRunner(source, _files.Options).UpAsync(new UpRequest(), None));
        tracking.Refusals.ShouldHaveSingleItem().Id.ShouldBe("rights");
        tracking.Message.ShouldContain($"GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"{role.Name}\"");

        var copy = await Should.ThrowAsync<MigrationRefused>(() =>
            new SafetyCheck(_files.Options, new CopyOptions()).RunAsync(new SafetyRequest { Database = role.ConnectionString }, None));
        copy.Refusals.ShouldHaveSingleItem().Id.ShouldBe("no-copy");
        copy.Message.ShouldContain($"ALTER ROLE \"{role.Name}\" CREATEDB");
        copy.Message.ShouldContain("--copy-server");
    }

    private sealed class Role(TestDatabase database, string name) : IAsyncDisposable
    {
        public string Name => name;

        public string ConnectionString { get; } = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = name, Password = name, Pooling = false }.ConnectionString;

        public static async Task<Role> CreateAsync(TestDatabase database, Func<string, string> setUp)
        {
            var name = $"role_{Guid.NewGuid():n}";
            await database.ExecuteAsync($"CREATE ROLE {name} LOGIN PASSWORD '{name}'; {setUp(name)}");
            return new Role(database, name);
        }

        public async ValueTask DisposeAsync() => await database.ExecuteAsync($"DROP OWNED BY {name} CASCADE; DROP ROLE {name}");
    }
}
