using System.Text;
using Projections.Migrations.Files;

namespace Projections.Migrations.Tests.Files;

public sealed class FrontMatterTests
{
    private static FrontMatter Read(string text) =>
        MigrationFile.Parse("001_x.up.sql", MigrationFileKind.Up, Encoding.UTF8.GetBytes(text)).FrontMatter;

    [Fact]
    public void Every_setting_is_read()
    {
        var matter = Read("""
            -- Builds the index that the new page needs.
            -- transaction: none
            -- lock-timeout: 750ms
            -- statement-timeout: 10min
            -- concurrently-timeout: 3h

            -- tenants: each
            -- safety: allow drop-column "no reader left since 2026-10"
            -- safety: allow table-rewritten "forty rows"
            SELECT 1;
            """);

        matter.WithoutTransaction.ShouldBeTrue();
        matter.LockTimeout.ShouldBe(TimeSpan.FromMilliseconds(750));
        matter.StatementTimeout.ShouldBe(TimeSpan.FromMinutes(10));
        matter.ConcurrentlyTimeout.ShouldBe(TimeSpan.FromHours(3));
        matter.EachTenant.ShouldBeTrue();
        matter.Allowances.ShouldBe([
            new SafetyAllowance("drop-column", "no reader left since 2026-10", 8),
            new SafetyAllowance("table-rewritten", "forty rows", 9)]);
    }

    [Fact]
    public void Front_matter_ends_at_the_first_statement() =>
        Read("SELECT 1;\n-- transaction: none\n").WithoutTransaction.ShouldBeFalse();

    [Fact]
    public void A_byte_order_mark_does_not_hide_the_first_line() =>
        Read("\uFEFF-- transaction: none\n").WithoutTransaction.ShouldBeTrue();

    [Theory]
    [InlineData("-- lock-timout: 2s", "'-- lock-timout:' is no setting; 'lock-timeout' is one")]
    [InlineData("-- transaction: maybe", "Write 'none' or 'one'")]
    [InlineData("-- lock-timeout: 2", "lacks a unit")]
    [InlineData("-- lock-timeout: soon", "is not a time")]
    [InlineData("-- safety: allow drop-column", "the reason is required")]
    [InlineData("-- safety: allow drop-column \" \"", "the reason is required")]
    [InlineData("-- irreversible:", "has no value")]
    [InlineData("-- batch: 0", "not a number above 0")]
    public void What_is_not_understood_is_refused(string line, string expected) =>
        Should.Throw<FrontMatterInvalid>(() => Read($"-- Prose: with a colon\n{line}\n")).ShouldSatisfyAllConditions(
            problem => problem.Line.ShouldBe(2),
            problem => problem.Message.ShouldContain(expected));

    [Fact]
    public void A_word_that_is_nothing_like_a_setting_is_kept_and_does_no_harm() =>
        Read("-- author: ana\n-- lock-timeout: 2s\n-- jira: SHOP-12\nSELECT 1").ShouldSatisfyAllConditions(
            matter => matter.Unknown.ShouldBe([new UnknownSetting("author", 1), new UnknownSetting("jira", 3)]),
            matter => matter.LockTimeout.ShouldBe(TimeSpan.FromSeconds(2)));

    [Fact]
    public void Line_ends_and_byte_order_marks_change_only_the_raw_checksum()
    {
        var unix = MigrationFile.Parse("a", MigrationFileKind.Up, "SELECT 1;\nSELECT 2;\n"u8.ToArray()).Checksums;
        var windows = MigrationFile.Parse("a", MigrationFileKind.Up, [0xEF, 0xBB, 0xBF, .. "SELECT 1;\r\nSELECT 2;\r\n"u8]).Checksums;
        var other = MigrationFile.Parse("a", MigrationFileKind.Up, "SELECT 1;\nSELECT 3;\n"u8.ToArray()).Checksums;

        windows.Raw.ShouldNotBe(unix.Raw);
        windows.Normalised.ShouldBe(unix.Normalised);
        other.Normalised.ShouldNotBe(unix.Normalised);
    }
}
