using System.Diagnostics;
using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Safety;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Migrations.Tests.Copies;

public sealed class SchemaCopyTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private const string Orders = "CREATE TABLE orders (id bigint PRIMARY KEY, note text)";

    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new();

    public void Dispose() => _files.Dispose();

    private Task<SafetyReport> CheckAsync(TestDatabase database, string pgDump) =>
        new SafetyCheck(_files.Options, new CopyOptions { PgDump = pgDump }).RunAsync(new SafetyRequest { Database = database.ConnectionString }, None);

    // A program of the name that says it is of a version that no server of these tests is as old as.
    private string OldPgDump()
    {
        var path = _files.PathOf("pg_dump");
        File.WriteAllText(path, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n");
        using var chmod = Process.Start("/bin/chmod", ["+x", path]);
        chmod.WaitForExit();
        return path;
    }

    [PostgresFact]
    public async Task Where_pg_dump_is_too_old_the_migrations_make_the_copy()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await _files.MakeAsync(database, $"{Orders}; CREATE SCHEMA more; CREATE VIEW more.notes AS SELECT note FROM orders");
        await new SignOff(_files.Options).WriteAsync(database.ConnectionString, new SafetyReport([], [], [], []), None);
        _files.With("001_a", "ALTER TABLE orders DROP COLUMN note CASCADE", "-- irreversible: gone");

        var report = await CheckAsync(database, OldPgDump());

        report.Findings.Select(finding => finding.RuleId).ShouldContain("drop-cascade");
        report.Notes.ShouldContain(note => note.Contains("is of version 9 and cannot read a server of version") && note.Contains("is the same as the database"));
    }

    [PostgresFact]
    public async Task Where_there_is_no_dump_and_the_migrations_make_something_else_the_difference_is_told()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await _files.MakeAsync(database, Orders);
        await database.ExecuteAsync("ALTER TABLE orders ADD COLUMN by_hand int");
        _files.With("001_a", "CREATE TABLE a (id bigint PRIMARY KEY)", "DROP TABLE a");

        var stopped = await Should.ThrowAsync<MigrationStopped>(() => CheckAsync(database, "/nowhere/pg_dump"));

        stopped.Id.ShouldBe("copy-failed");
        stopped.Message.ShouldContain("'/nowhere/pg_dump' could not be started");
        stopped.Message.ShouldContain("+ table public.orders: column 3: by_hand integer");
        stopped.Message.ShouldContain("--pg-dump");
        stopped.Message.ShouldContain("--copy migrations");
    }

    [PostgresFact(OwnCluster = true)]
    public async Task What_a_check_that_was_killed_left_behind_goes_with_the_next()
    {
        // On a server of its own, where no other test has a copy at the moment.
        await using var cluster = await postgres.OwnClusterAsync();
        await using var database = await PostgresFixture.CreateDatabaseAsync(cluster);
        var now = await database.ScalarAsync<string>("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISS')");
        string[] names = ["throwaway_20260101000000_abandoned", "throwaway_20260101000000_busy", $"throwaway_{now}_new", "throwaway_of_a_user"];
        foreach (var name in names)
        {
            await database.ExecuteAsync($"CREATE DATABASE {name}");
        }

        await using var busy = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(cluster.ConnectionStringFor(names[1])) { Pooling = false }.ConnectionString);
        await busy.OpenAsync();
        await _files.MakeAsync(database, Orders);
        _files.With("001_a", "CREATE TABLE a (id bigint PRIMARY KEY)", "DROP TABLE a");

        await new SafetyCheck(_files.Options, new CopyOptions { Source = CopySource.Migrations }).RunAsync(new SafetyRequest { Database = database.ConnectionString }, None);

        (await database.ScalarAsync<string>("SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname LIKE 'throwaway%'"))
            .ShouldBe(string.Join(' ', names[1..].Order(StringComparer.Ordinal)));
    }
}
