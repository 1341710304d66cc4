using Projections.TestServers;

namespace Projections.CommandLine.Settings;

public sealed class SettingsPageTests
{
    private const string Regenerate = "REGENERATE_DOCS";

    [Fact]
    public void The_page_of_settings_is_what_the_options_say()
    {
        var path = Path.Combine(Repository.Folder, "docs", "settings.md");
        var page = SettingsPage.Write();
        if (Environment.GetEnvironmentVariable(Regenerate) is not null)
        {
            File.WriteAllText(path, page);
        }

        File.ReadAllText(path).ShouldBe(page, $"docs/settings.md is not what the options' classes say. Write it anew: {Regenerate}=1 dotnet test tests/Projections.CommandLine.Tests --filter {nameof(SettingsPageTests)}");
    }
}
