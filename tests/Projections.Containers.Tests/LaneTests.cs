using System.Diagnostics;
using System.Text.RegularExpressions;
using Projections.EventStoreDb.Testing;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Containers;

/// <summary>The tests that this repository has for a PostgreSQL and an EventStoreDB of somebody else's, run against those in containers.</summary>
public sealed partial class LaneTests(Servers servers) : IClassFixture<Servers>
{
    [ContainerTheory]
    [InlineData("Projections.PostgresEvents.Tests", "FullyQualifiedName~Conformance")]
    [InlineData("Projections.EventStoreDb.Tests", "DisplayName~RealServer")]
    [InlineData("Projections.EndToEnd.Tests", "DisplayName~RealServer|FullyQualifiedName~LifeOfAVersionTests")]
    [InlineData("Projections.CommandLine.Tests", "DisplayName~RealServer")]
    public async Task A_lane_passes(string project, string filter)
    {
        var (exit, said) = await TestAsync(project, filter);

        exit.ShouldBe(0, said);
        // With nothing to run the exit code is 0, too.
        SomePassed.IsMatch(said).ShouldBeTrue(said);
    }

    private async Task<(int Exit, string Said)> TestAsync(string project, string filter)
    {
        var start = new ProcessStartInfo("dotnet", ["test", Path.Combine(Repository.Folder, "tests", project), "--configuration", "Release", "--filter", filter])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Folder,
            Environment = { [PostgresForTests.ServerVariable] = servers.Postgres, [RealServer.Variable] = servers.Events },
        };
        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(said));
    }

    [GeneratedRegex(@"Passed:\s+[1-9]")]
    private static partial Regex SomePassed { get; }
}
