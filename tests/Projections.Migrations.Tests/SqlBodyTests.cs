using Projections.Migrations.Copies;
using Projections.Migrations.RoundTrip;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;
using Projections.Postgres;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Migrations.Tests;

/// <summary>Functions with a body in SQL itself, which has semicolons outside of any quotes, all the way through.</summary>
public sealed class SqlBodyTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private const string Function =
        """
        CREATE FUNCTION next_number(at bigint) RETURNS bigint LANGUAGE sql
        BEGIN ATOMIC
            INSERT INTO numbers VALUES (at);
            SELECT CASE WHEN max(n) > 9 THEN 0 ELSE max(n) + 1 END FROM numbers;
        END
        """;

    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new();

    public void Dispose() => _files.Dispose();

    [PostgresTheory]
    [InlineData("")]
    [InlineData("-- transaction: none\n")]
    public async Task A_migration_makes_them(string settings)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", $"{settings}CREATE TABLE numbers (n bigint); {Function}; INSERT INTO numbers VALUES (1)", "DROP FUNCTION next_number; DROP TABLE numbers");

        (await new MigrationRunner(database.DataSource, _files.Options).UpAsync(new UpRequest(), None)).ThrowIfFailed();

        (await database.ScalarAsync<long>("SELECT next_number(7)")).ShouldBe(8);
    }

    [PostgresFact]
    public async Task A_database_that_has_them_is_copied_for_checks_of_other_changes()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await _files.MakeAsync(database, $"CREATE TABLE numbers (n bigint); {Function}");
        _files.With("001_a", "CREATE TABLE a (id bigint PRIMARY KEY)", "DROP TABLE a")
            .With("002_b", $"{Function.Replace("next_number", "another", StringComparison.Ordinal)}; COMMENT ON TABLE a IS 'a'", "DROP FUNCTION another; COMMENT ON TABLE a IS NULL");

        var check = await new SafetyCheck(_files.Options, new CopyOptions()).RunAsync(new SafetyRequest { Database = database.ConnectionString }, None);
        var verify = await new RoundTripCheck(_files.Options, new CopyOptions()).RunAsync(database.ConnectionString, null, None);

        check.IsSafe.ShouldBeTrue(string.Join("\n", check.Findings.Select(finding => finding.What)));
        check.Judged.ShouldBe(["001_a", "002_b"]);
        verify.Succeeded.ShouldBeTrue(string.Join("\n", verify.Results.Select(result => $"{result.Migration} {result.Failure?.Message}")));
    }
}
