namespace Projections.CommandLine.Settings;

public sealed class SettingsPageTests
{
    private const string Regenerate = "REGENERATE_DOCS";

    [Fact]
    public void The_page_of_settings_is_what_the_options_say()
    {
        var path = Path.Combine(Repository(), "docs", "settings.md");
        var page = SettingsPage.Write();
        if (Environment.GetEnvironmentVariable(Regenerate) is not null)
        {
            File.WriteAllText(path, page);
        }

        File.ReadAllText(path).ShouldBe(page, $"docs/settings.md is not what the options' classes say. Write it anew: {Regenerate}=1 dotnet test tests/Projections.CommandLine.Tests --filter {nameof(SettingsPageTests)}");
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Projections.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
