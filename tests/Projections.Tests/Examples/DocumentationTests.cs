using System.Text.RegularExpressions;
using Projections.Definitions;
using Projections.TestServers;

namespace Projections.Tests.Examples;

/// <summary>What the documents show is what is compiled and run.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Root = Repository.Folder;

    [Theory]
    [InlineData("table.sql")]
    [InlineData("indexes.sql")]
    [InlineData("down.sql")]
    [InlineData("CustomerBalanceV1.cs")]
    public void The_complete_example_of_the_README_is_in_the_repository_under_its_path(string file) =>
        Plain(File.ReadAllText(Path.Combine(Root, "README.md"))).ShouldContain(Body(Path.Combine(Root, "projections", "CustomerBalance", "V1", file)));

    [Fact]
    public void The_complete_event_source_of_its_page_is_compiled_and_passes_the_conformance_suite_here() =>
        Plain(File.ReadAllText(Path.Combine(Root, "docs", "event-sources.md")))
            .ShouldContain(Plain(File.ReadAllText(Path.Combine(Root, "tests", "Projections.Tests", "Examples", "JournalSource.cs")).Replace("namespace Projections.Tests.Examples;", "", StringComparison.Ordinal)));

    [Fact]
    public void Every_example_of_the_projections_page_is_compiled()
    {
        var compiled = string.Join('\n', new[] { Path.Combine("tests", "Projections.Tests", "Examples"), "projections" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => Plain(File.ReadAllText(file))));
        var examples = Examples().Matches(File.ReadAllText(Path.Combine(Root, "docs", "projections.md"))).Select(match => Plain(match.Groups["code"].Value)).ToList();

        examples.Count.ShouldBeGreaterThan(8);
        examples.ShouldAllBe(example => example.Split("// …", StringSplitOptions.TrimEntries).All(part => compiled.Contains(part)));
    }

    [Fact]
    public void The_examples_of_the_projections_page_are_sound_but_for_their_folders() =>
        ProjectionRegistry.Of(new OrdersV1(), new TenantOrdersV1(), new CustomersV1(), new OrderDocumentsV1(), new SpendingV1())
            .Errors.ShouldAllBe(error => error.ToString().Contains("holds no folder of it"));

    /// <summary>A file without what the README leaves out: what it uses and where it is.</summary>
    private static string Body(string file) =>
        Plain(string.Join('\n', File.ReadAllLines(file).SkipWhile(line => line.Length == 0 || line.StartsWith("using ", StringComparison.Ordinal) || line.StartsWith("namespace ", StringComparison.Ordinal) || line.StartsWith("///", StringComparison.Ordinal))));

    /// <summary>The lines without their indents, and without empty ones.</summary>
    private static string Plain(string text) => string.Join('\n', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Examples();
}
