using Projections.Migrations.Files;

namespace Projections.Migrations.Tests.Files;

public sealed class MigrationTemplateTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Both_files_are_written_with_the_next_number()
    {
        _files.With("0009_a", "SELECT 1", "SELECT 1");

        var paths = await MigrationTemplate.CreateAsync(_files.Folder, "Add the Total!", isBackfill: false, None);

        paths.Select(Path.GetFileName).ShouldBe(["0010_add_the_total.up.sql", "0010_add_the_total.down.sql"]);
        FrontMatterReader.Read(await File.ReadAllTextAsync(paths[0])).ShouldBe(new FrontMatter());
    }

    [Fact]
    public async Task The_first_number_is_001_and_a_backfill_is_one_file()
    {
        var folder = Path.Combine(_files.Folder, "new");

        var paths = await MigrationTemplate.CreateAsync(folder, "fill_total", isBackfill: true, None);

        paths.Select(Path.GetFileName).ShouldBe(["001_fill_total.backfill.sql"]);
        (await MigrationFolder.ReadAsync(folder, None)).ShouldHaveSingleItem().IsBackfill.ShouldBeTrue();
    }

    [Fact]
    public async Task Where_numbers_are_timestamps_the_next_one_is_now()
    {
        _files.With("20200101080000_a", "SELECT 1", "SELECT 1");

        var paths = await MigrationTemplate.CreateAsync(_files.Folder, "b", isBackfill: false, None);

        Path.GetFileName(paths[0]).ShouldMatch(@"^20\d{12}_b\.up\.sql$");
    }

    [Theory]
    [InlineData("CreateUserTable", "create_user_table")]
    [InlineData("Größe", "groesse")]
    [InlineData("add HTTPServer v2 col1", "add_http_server_v2_col1")]
    [InlineData("  Café – naïve?", "cafe_naive")]
    public void Names_are_small_letters_with_underscores(string words, string name) => MigrationName.Of(words).ShouldBe(name);

    [Fact]
    public async Task A_name_without_a_letter_is_refused() =>
        await Should.ThrowAsync<MigrationFilesInvalid>(() => MigrationTemplate.CreateAsync(_files.Folder, "!?", isBackfill: false, None));
}
