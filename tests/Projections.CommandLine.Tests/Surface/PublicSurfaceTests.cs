using System.Reflection;
using Projections.TestServers;

namespace Projections.CommandLine.Surface;

/// <summary>What users can build on stands in a text beside each package, so that nothing becomes public, or goes, without being seen in a review.</summary>
public sealed class PublicSurfaceTests
{
    private const string Regenerate = "REGENERATE_DOCS";

    public static TheoryData<string> Packages => [.. Directory.GetDirectories(Path.Combine(Repository.Folder, "src"))
        .Where(folder => File.Exists(Path.Combine(folder, "PACKAGE.md")) && Path.GetFileName(folder) is not ("Projections.Templates" or "Projections.Tool"))
        .Select(folder => Path.GetFileName(folder)!)
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_surface_of_a_package_is_what_its_text_says(string package)
    {
        var path = Path.Combine(Repository.Folder, "src", package, "PublicSurface.txt");
        var surface = PublicSurface.Of(Assembly.Load(package));
        if (Environment.GetEnvironmentVariable(Regenerate) is not null)
        {
            File.WriteAllText(path, surface);
        }

        File.ReadAllText(path).ShouldBe(surface, $"{package} offers something else. If that is meant, write it anew: {Regenerate}=1 dotnet test tests/Projections.CommandLine.Tests --filter {nameof(PublicSurfaceTests)}");
    }
}
