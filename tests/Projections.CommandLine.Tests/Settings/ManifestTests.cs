using System.Text.RegularExpressions;
using Projections.TestServers;

namespace Projections.CommandLine.Settings;

/// <summary>What is shipped for containers fits the program and itself.</summary>
public sealed partial class ManifestTests
{
    private static readonly string Deploy = Path.Combine(Repository.Folder, "deploy");

    private static readonly string[] Compose = ["docker-compose.yml", "src/Projections.Templates/projections/docker-compose.yml"];

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Deploy, "*.yaml", SearchOption.AllDirectories).Concat(Compose.Select(file => Path.Combine(Repository.Folder, file))).Select(file => Path.GetRelativePath(Repository.Folder, file))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_setting_in_a_manifest_is_one_of_the_program(string file)
    {
        var known = SettingsPage.Write();

        var unknown = Setting().Matches(Read(file)).Select(match => match.Value.Replace("__", ":", StringComparison.Ordinal))
            .Where(setting => !known.Contains($"`{setting}`", StringComparison.Ordinal) && !IsOfAName(setting));

        unknown.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_image_has_a_version(string file) =>
        Image().Matches(Read(file)).Select(match => match.Groups[1].Value).ShouldAllBe(image => Pinned().IsMatch(image));

    [Fact]
    public void Every_kustomization_names_files_and_folders_that_there_are()
    {
        foreach (var kustomization in Directory.GetFiles(Deploy, "kustomization.yaml", SearchOption.AllDirectories))
        {
            var folder = Path.GetDirectoryName(kustomization)!;
            foreach (Match named in Resource().Matches(File.ReadAllText(kustomization)))
            {
                Path.Exists(Path.Combine(folder, named.Groups[1].Value)).ShouldBeTrue($"{kustomization} names {named.Groups[1].Value}");
            }
        }
    }

    [Fact]
    public void A_teams_compose_file_has_database_and_worker_as_ours_does()
    {
        var (ours, theirs) = (Read(Compose[0]), Read(Compose[1]));

        ServiceOf(theirs, "postgres").ShouldBe(ServiceOf(ours, "postgres"));
        foreach (var line in ServiceOf(theirs, "worker").Except(["    build: ."]))
        {
            ServiceOf(ours, "worker").ShouldContain(line);
        }
    }

    [Fact]
    public void The_first_manifest_runs_no_migrations() =>
        Read("deploy/kubernetes/worker.yaml").ShouldNotContain("initContainers");

    /// <summary>The lines of a service.</summary>
    private static IReadOnlyList<string> ServiceOf(string compose, string name) =>
        [.. compose.Split('\n').SkipWhile(line => line != $"  {name}:").Skip(1).TakeWhile(line => line.Length == 0 || line.StartsWith("    ", StringComparison.Ordinal)).Where(line => line.Length > 0)];

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Folder, file));

    // Settings with names that people choose.
    private static bool IsOfAName(string setting) => setting.StartsWith("Http:ApiKeys:", StringComparison.Ordinal) || setting == "ConnectionStrings:billing";

    [GeneratedRegex("""\b(ConnectionStrings|Projections|Events|Checks|Http|Bus|Telemetry)__\w+""")]
    private static partial Regex Setting();

    [GeneratedRegex("""^\s+(?:- )?image: (\S+)""", RegexOptions.Multiline)]
    private static partial Regex Image();

    [GeneratedRegex("""^[\w./-]+:v?\d+\.\d+(\.\d+)?[\w.-]*$""")]
    private static partial Regex Pinned();

    [GeneratedRegex("""^\s+- (?:path: )?([\w./-]+)$""", RegexOptions.Multiline)]
    private static partial Regex Resource();
}
