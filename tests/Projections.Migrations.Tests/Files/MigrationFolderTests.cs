using Projections.Migrations.Files;

namespace Projections.Migrations.Tests.Files;

public sealed class MigrationFolderTests : IDisposable
{
    private readonly MigrationFiles _files = new();

    public void Dispose() => _files.Dispose();

    private async Task<string> ProblemAsync()
    {
        var invalid = await Should.ThrowAsync<MigrationFilesInvalid>(() => MigrationFolder.ReadAsync(_files.Folder, CancellationToken.None));
        return invalid.Problems.ShouldHaveSingleItem().ToString();
    }

    [Fact]
    public async Task Migrations_come_in_the_order_of_their_numbers()
    {
        _files.With("002_b", "SELECT 2", "SELECT 2").With("001_a", "SELECT 1", "SELECT 1")
            .With("003_c.backfill.sql", "-- table: t\n-- key: id\nUPDATE t SET a = 1 WHERE id BETWEEN :first AND :last");

        var migrations = await MigrationFolder.ReadAsync(_files.Folder, CancellationToken.None);

        migrations.Select(migration => migration.Id).ShouldBe(["001_a", "002_b", "003_c"]);
        migrations[2].IsBackfill.ShouldBeTrue();
    }

    [Fact]
    public async Task A_file_may_hold_both_ways_and_each_keeps_its_lines_settings_and_checksum()
    {
        const string up = "-- lock-timeout: 3s\n-- Up\n-- transaction: none\nSELECT 1;\nSELECT 2;\n";
        _files.With("001_a.sql", $"{up}-- down\nSELECT 3;\n").With("002_b.sql", "-- irreversible: letters were sent\nSELECT 4").With("003_c", "SELECT 5", "SELECT 6");

        var migrations = await MigrationFolder.ReadAsync(_files.Folder, CancellationToken.None);

        var (first, second) = (migrations[0], migrations[1]);
        first.Id.ShouldBe("001_a");
        first.Up.Statements.Select(statement => (statement.Text, statement.Line)).ShouldBe([("SELECT 1", 4), ("SELECT 2", 5)]);
        first.Up.FrontMatter.WithoutTransaction.ShouldBeTrue();
        first.Up.FrontMatter.LockTimeout.ShouldBe(TimeSpan.FromSeconds(3));
        first.Down!.Statements.Select(statement => (statement.Text, statement.Line)).ShouldBe([("SELECT 3", 7)]);
        first.Down.FrontMatter.WithoutTransaction.ShouldBeFalse();
        first.Down.FrontMatter.LockTimeout.ShouldBe(TimeSpan.FromSeconds(3));
        second.Down!.FrontMatter.Irreversible.ShouldBe("letters were sent");

        _files.With("001_a.sql", $"{up}\n-- down\nSELECT 30;\n");
        (await MigrationFolder.ReadAsync(_files.Folder, CancellationToken.None))[0].Up.Checksums.ShouldBe(first.Up.Checksums);
    }

    [Fact]
    public async Task A_file_of_both_ways_without_a_way_back_is_refused()
    {
        _files.With("001_a.sql", "SELECT 1");
        (await ProblemAsync()).ShouldContain("The way back holds no statement");
    }

    [Fact]
    public async Task A_file_of_both_ways_beside_a_pair_is_refused()
    {
        _files.With("001_a.sql", "-- up\nSELECT 1;\n-- down\nSELECT 2").With("001_a", "SELECT 1", "SELECT 1");
        (await ProblemAsync()).ShouldContain("Number 001 is used more than once: 001_a.down.sql, 001_a.sql, 001_a.up.sql");
    }

    [Fact]
    public async Task Timestamps_have_no_gaps()
    {
        _files.With("20261101080000_a", "SELECT 1", "SELECT 1").With("20261103090000_b", "SELECT 1", "SELECT 1");

        (await MigrationFolder.ReadAsync(_files.Folder, CancellationToken.None)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_gap_is_refused()
    {
        _files.With("001_a", "SELECT 1", "SELECT 1").With("003_c", "SELECT 1", "SELECT 1");
        (await ProblemAsync()).ShouldContain("Between 001 and 003 a number is missing");
    }

    [Fact]
    public async Task A_number_used_twice_is_refused()
    {
        _files.With("001_a", "SELECT 1", "SELECT 1").With("001_b", "SELECT 1", "SELECT 1");
        (await ProblemAsync()).ShouldContain("Number 001 is used more than once");
    }

    [Fact]
    public async Task A_missing_down_file_is_refused()
    {
        _files.With("001_a.up.sql", "SELECT 1");
        (await ProblemAsync()).ShouldContain("There is no 001_a.down.sql");
    }

    [Fact]
    public async Task A_missing_up_file_is_refused()
    {
        _files.With("001_a.down.sql", "SELECT 1");
        (await ProblemAsync()).ShouldContain("There is no 001_a.up.sql");
    }

    [Fact]
    public async Task A_down_file_needs_a_statement_or_a_reason()
    {
        _files.With("001_a", "SELECT 1", "-- To do\n");
        (await ProblemAsync()).ShouldContain("holds no statement");
    }

    [Fact]
    public async Task A_file_that_is_not_UTF8_is_refused()
    {
        _files.With("001_a", "SELECT 1", "SELECT 1").WithBytes("001_a.up.sql", [.. "SELECT '"u8, 0xE4, .. "'"u8]);
        (await ProblemAsync()).ShouldContain("not UTF-8");
    }

    [Theory]
    [InlineData("\\restrict abc\nSELECT 1", "command of psql")]
    [InlineData("SELECT 1 \\gexec", "command of psql")]
    [InlineData("COPY t (a) FROM STDIN", "COPY … FROM STDIN")]
    [InlineData("BEGIN", "steers a transaction")]
    [InlineData("SELECT 1; COMMIT", "steers a transaction")]
    [InlineData("start transaction isolation level serializable", "steers a transaction")]
    [InlineData("CREATE INDEX CONCURRENTLY ON t (a)", "Name it")]
    public async Task What_no_runner_can_send_is_refused(string sql, string expected)
    {
        _files.With("001_a", sql, "SELECT 1");
        (await ProblemAsync()).ShouldContain(expected);
    }

    [Theory]
    [InlineData("UPDATE t SET a = 1")]
    [InlineData("-- table: t\n-- key: id\nUPDATE t SET a = 1 WHERE id >= :first")]
    [InlineData("-- table: t\nUPDATE t SET a = 1 WHERE id BETWEEN :first AND :last")]
    [InlineData("-- table: t\n-- key: id\nSELECT 1; UPDATE t SET a = 1 WHERE id BETWEEN :first AND :last")]
    public async Task A_backfill_that_is_not_driven_by_a_key_is_refused(string sql)
    {
        _files.With("001_a.backfill.sql", sql);
        (await ProblemAsync()).ShouldContain("BETWEEN :first AND :last");
    }

    [Fact]
    public async Task Every_problem_is_named_at_once()
    {
        _files.With("001_a.up.sql", "SELECT 1").With("002_b", "BEGIN", "SELECT 1").With("004_c", "\\d", "SELECT 1");

        var invalid = await Should.ThrowAsync<MigrationFilesInvalid>(() => MigrationFolder.ReadAsync(_files.Folder, CancellationToken.None));

        invalid.Problems.Count.ShouldBe(4);
    }
}
