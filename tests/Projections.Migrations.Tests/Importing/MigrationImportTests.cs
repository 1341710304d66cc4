using Projections.Migrations.Files;
using Projections.Migrations.Importing;

namespace Projections.Migrations.Tests.Importing;

public sealed class MigrationImportTests : IDisposable
{
    private const string Body =
        """
        CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$
        BEGIN
            RETURN 1;
        END $$;
        """;

    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _theirs = new();
    private readonly MigrationFiles _ours = new();

    public void Dispose()
    {
        _theirs.Dispose();
        _ours.Dispose();
    }

    private Task<ImportReport> ImportAsync(string layout) => new MigrationImport(_theirs.Folder, _ours.Folder).RunAsync(layout, None);

    private async Task<(string Id, bool WithoutTransaction, string[] Up, string[] Down)[]> OursAsync() =>
    [
        .. (await MigrationFolder.ReadAsync(_ours.Folder, None)).Select(migration => (
            migration.Id, migration.Up.FrontMatter.WithoutTransaction,
            migration.Up.Statements.Select(statement => statement.Summary).ToArray(), migration.Down!.Statements.Select(statement => statement.Summary).ToArray())),
    ];

    [Theory]
    [InlineData("goose", "-- +goose Up\n-- +goose StatementBegin\n{0}\n-- +goose StatementEnd\nSELECT 2;\n\n-- +goose Down\nDROP FUNCTION f;\n", "-- +goose NO TRANSACTION\n-- +goose Up\nVACUUM;\n")]
    [InlineData("dbmate", "-- migrate:up\n{0}\nSELECT 2;\n\n-- migrate:down\nDROP FUNCTION f;\n", "-- migrate:up transaction:false\nVACUUM;\n-- migrate:down\n")]
    public async Task Files_of_both_ways_become_pairs(string layout, string first, string second)
    {
        _theirs.With("20240101120000_CreateFunction.sql", string.Format(System.Globalization.CultureInfo.InvariantCulture, first, Body)).With("20240102120000_vacuum.sql", second);

        var report = await ImportAsync(layout);

        report.Irreversible.ShouldBe(["20240102120000_vacuum"]);
        report.Notes.ShouldBeEmpty();
        var ours = await OursAsync();
        ours[0].Id.ShouldBe("20240101120000_create_function");
        ours[0].WithoutTransaction.ShouldBeFalse();
        ours[0].Up.ShouldBe(["CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$", "SELECT 2"]);
        ours[0].Down.ShouldBe(["DROP FUNCTION f"]);
        ours[1].WithoutTransaction.ShouldBeTrue();
        ours[1].Up.ShouldBe(["VACUUM"]);
        File.ReadAllText(_ours.PathOf("20240101120000_create_function.up.sql")).ShouldNotContain("goose");
    }

    [Fact]
    public async Task Pairs_of_golang_migrate_lose_the_frame_that_the_runner_makes_itself()
    {
        _theirs.With("000001_create_users.up.sql", "BEGIN;\nCREATE TABLE users (id int);\nCOMMIT;\n").With("000001_create_users.down.sql", "DROP TABLE users;")
            .With("000002_seed.up.sql", "INSERT INTO users VALUES (1)");

        var report = await ImportAsync("golang-migrate");

        report.Files.Count.ShouldBe(4);
        report.Irreversible.ShouldBe(["000002_seed"]);
        var ours = await OursAsync();
        ours[0].Up.ShouldBe(["CREATE TABLE users (id int)"]);
        ours[0].Down.ShouldBe(["DROP TABLE users"]);
        ours[1].Up.ShouldBe(["INSERT INTO users VALUES (1)"]);
    }

    [Fact]
    public async Task Versions_of_Flyway_keep_their_numbers_and_what_runs_again_stays_so()
    {
        _theirs.With("V1__Create_users.sql", "CREATE TABLE users (id int)").With("U1__Create_users.sql", "DROP TABLE users").With("V2__Größe.sql", "ALTER TABLE users ADD COLUMN size int")
            .With("R__Views_of_users.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS a").With("readme.sql", "SELECT 1");

        var report = await ImportAsync("flyway");

        (await MigrationFolder.ReadAsync(_ours.Folder, None)).Select(migration => (migration.Id, migration.IsRepeatable))
            .ShouldBe([("1_create_users", false), ("2_groesse", false), ("R__views_of_users", true)]);
        report.Irreversible.ShouldBe(["2_groesse"]);
        report.Notes.ShouldHaveSingleItem().ShouldContain("readme.sql was left out: its name is not that of a migration");
    }

    [Fact]
    public async Task Versions_of_several_parts_become_whole_numbers_in_the_same_order()
    {
        _theirs.With("V1__a.sql", "SELECT 1").With("V1.2__b.sql", "SELECT 2").With("U1.2__b.sql", "SELECT -2").With("V1_10__c.sql", "SELECT 3").With("V2.0.1__d.sql", "SELECT 4")
            .With("V1.1000__e.sql", "SELECT 5");

        var report = await ImportAsync("flyway");

        (await OursAsync()).Select(migration => (migration.Id, migration.Up[0])).ShouldBe(
            [("001000000000_a", "SELECT 1"), ("001002000000_b", "SELECT 2"), ("001010000000_c", "SELECT 3"), ("002000001000_d", "SELECT 4")]);
        report.Irreversible.ShouldNotContain("001002000000_b");
        report.Notes.ShouldHaveSingleItem().ShouldContain("V1.1000__e.sql was left out");
    }

    [Fact]
    public async Task What_the_runner_would_refuse_is_told_and_nothing_is_written_over()
    {
        _theirs.With("001_a.up.sql", "SELECT 1").With("003_c.up.sql", "\\d users\n");

        (await ImportAsync("golang-migrate")).Notes.ShouldContain(note => note.Contains("is a command of psql"));
        (await Should.ThrowAsync<MigrationFilesInvalid>(() => ImportAsync("golang-migrate"))).Message.ShouldContain("is there already");
        (await Should.ThrowAsync<MigrationFilesInvalid>(() => ImportAsync("flyway"))).Message.ShouldContain("There is no migration in the layout of flyway here");
    }
}
