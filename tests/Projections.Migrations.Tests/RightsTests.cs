using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;
using Projections.Postgres;
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

    [PostgresFact(PgDump = true)]
    public async Task Without_a_copy_the_check_runs_in_a_transaction_that_is_rolled_back_and_waits_for_nobody()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var role = await Role.CreateAsync(database, name => $"ALTER SCHEMA public OWNER TO {name}; GRANT CREATE ON DATABASE {database.Name} TO {name}");
        await using var source = NpgsqlDataSource.Create(role.ConnectionString);
        await using (var setUp = await source.OpenConnectionAsync())
        {
            await setUp.ExecuteVerbatimAsync("CREATE TABLE orders (id bigint PRIMARY KEY, note text)", None);
            await setUp.ExecuteVerbatimAsync("CREATE FUNCTION one() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 1; END", None);
            await setUp.ExecuteVerbatimAsync("INSERT INTO orders VALUES (1, 'a')", None);
        }

        // A reader whose lock an ALTER TABLE of the real table would wait for.
        await using var reader = await source.OpenConnectionAsync();
        await using var reading = await reader.BeginTransactionAsync();
        await reader.ExecuteVerbatimAsync("SELECT * FROM orders", None);
        _files.With("002_type", "-- lock-timeout: 1s\nALTER TABLE orders ALTER COLUMN note TYPE varchar(10)", "SELECT 1")
            .With("003_index", "-- transaction: none\nCREATE INDEX CONCURRENTLY orders_note ON orders (note)", "DROP INDEX orders_note")
            .With("004_column", "ALTER TABLE orders ADD COLUMN total numeric", "ALTER TABLE orders DROP COLUMN total");

        var report = await new SafetyCheck(_files.Options, new CopyOptions { Source = CopySource.Transaction })
            .RunAsync(new SafetyRequest { Database = role.ConnectionString }, None);

        report.NotJudged.ShouldBeEmpty(string.Join("\n", report.Findings.Select(finding => finding.What)));
        report.Findings.Select(finding => finding.RuleId).ShouldNotContain("unqualified-name");
        report.Judged.ShouldBe(["001_a", "002_type", "003_index", "004_column"]);
        report.Findings.Where(finding => finding.IsUnsafe).Select(finding => finding.RuleId).ShouldContain("type-change-rewrites");
        report.Notes.ShouldContain(note => note.Contains("003_index.up.sql:2 was not tried, for it runs outside of transactions"));
        report.Notes.ShouldContain(note => note.Contains("without rows"));
        (await database.ScalarAsync<string>("SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^pg_'")).ShouldBe("information_schema public");
        (await database.ScalarAsync<long>("SELECT count(*) FROM orders WHERE note = 'a'")).ShouldBe(1);
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
