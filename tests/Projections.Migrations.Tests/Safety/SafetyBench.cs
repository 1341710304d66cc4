using System.Text;
using Projections.Migrations.Copies;
using Projections.Migrations.Files;
using Projections.Migrations.Parsing;
using Projections.Migrations.Safety;
using Projections.Migrations.Safety.Observing;
using Projections.Postgres;
using Projections.Testing;

namespace Projections.Migrations.Tests.Safety;

/// <summary>One database on which one statement after the other is tried and judged, emptied in between.</summary>
public sealed class SafetyBench : IAsyncLifetime
{
    private const string Reset =
        """
        DO $$
        DECLARE s text;
        BEGIN
            FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
                EXECUTE format('DROP SCHEMA %I CASCADE', s);
            END LOOP;
            CREATE SCHEMA public;
        END $$
        """;

    private static readonly MigrationOptions Options = new() { Folder = "", Service = "bench" };
    private TestDatabase? _database;

    public async Task InitializeAsync()
    {
        if (PostgresForTests.SkipReason is null)
        {
            _database = await PostgresForTests.CreateDatabaseAsync("safety");
        }
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    /// <summary>Makes the schema anew, with rows in its tables.</summary>
    public async Task SetUpAsync(string setup)
    {
        await using var connection = await _database!.DataSource.OpenConnectionAsync();
        await connection.ExecuteLongAsync(Reset, CancellationToken.None);
        await connection.ExecuteLongAsync("SET client_min_messages = error", CancellationToken.None);
        foreach (var statement in StatementSplitter.Split(setup))
        {
            await connection.ExecuteLongAsync(statement.Text, CancellationToken.None);
        }

        await new SampleRows(connection).FillAsync(CancellationToken.None);
    }

    /// <summary>Runs a file on what is there.</summary>
    internal async Task<IReadOnlyList<Finding>> JudgeAsync(string sql, Direction direction = Direction.Up)
    {
        var file = FileOf(sql);
        return Judgement.Of(await ObserveAsync(file, direction), file);
    }

    /// <summary>Runs a file on what is there, and judges nothing.</summary>
    internal Task<IReadOnlyList<ObservedStatement>> ObserveAsync(string sql) => ObserveAsync(FileOf(sql), Direction.Up);

    private static MigrationFile FileOf(string sql) => MigrationFile.Parse("001_x.up.sql", MigrationFileKind.Up, Encoding.UTF8.GetBytes(sql));

    private Task<IReadOnlyList<ObservedStatement>> ObserveAsync(MigrationFile file, Direction direction) =>
        new MigrationObserver(_database!.DataSource, Options).ObserveAsync(new Migration(1, "001", "x", file, null), file, direction, null, CancellationToken.None);
}
