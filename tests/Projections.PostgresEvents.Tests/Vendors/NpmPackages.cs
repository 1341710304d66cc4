using System.Diagnostics;

namespace Projections.PostgresEvents.Tests.Vendors;

/// <summary>The stores' own packages, installed from the npm registry into a folder that goes with the tests.</summary>
public sealed class NpmPackages : IDisposable
{
    private const string MessageDb = "@eventide/message-db@1.3.1";
    private static readonly string[] Emmett =
        ["@event-driven-io/emmett@0.42.0", "@event-driven-io/emmett-postgresql@0.42.0", "@event-driven-io/pongo@0.16.11"];

    private static readonly Lazy<string?> Problem = new(FindProblem);

    public NpmPackages()
    {
        Folder = Directory.CreateTempSubdirectory("projections-npm-").FullName;
        Run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", MessageDb, .. Emmett]);
    }

    /// <summary>Why packages cannot be installed here, or <c>null</c> when they can.</summary>
    public static string? SkipReason => Problem.Value;

    /// <summary>Where <c>node_modules</c> lies.</summary>
    public string Folder { get; }

    /// <summary>Runs a program in the folder and returns what it printed.</summary>
    public string Run(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var (exitCode, output, error) = RunIn(Folder, program, arguments, environment);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {exitCode}: {error}{output}");
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string? FindProblem()
    {
        try
        {
            var (exitCode, _, error) = RunIn(Path.GetTempPath(), "npm", ["view", "--fetch-retries=0", MessageDb, "version"]);
            return exitCode == 0 ? null : $"The npm registry does not answer: {error.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no npm on this machine. Install Node.js 20 or newer to run the tests against the stores' own packages.";
        }
    }

    private static (int ExitCode, string Output, string Error) RunIn(
        string folder, string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
