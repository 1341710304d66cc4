using System.Diagnostics;

namespace Projections.Bus.Tests.Broker;

/// <summary>The npm package <c>amqplib</c>, for a client that is not ours, in a folder that goes with the test.</summary>
internal sealed class AmqpLib : IDisposable
{
    private const string Package = "amqplib@0.10.9";

    private static readonly Lazy<string?> Problem = new(FindProblem);

    private AmqpLib(string folder) => Folder = folder;

    /// <summary>Why the package cannot be installed here, or <c>null</c> when it can.</summary>
    public static string? SkipReason => Problem.Value;

    public string Folder { get; }

    public static async Task<AmqpLib> InstallAsync()
    {
        var package = new AmqpLib(Directory.CreateTempSubdirectory("projections-amqplib-").FullName);
        await package.RunAsync("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", Package);
        return package;
    }

    /// <summary>Runs a program in the folder and returns what it printed.</summary>
    public async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (exitCode, output, error) = await RunInAsync(Folder, program, arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {exitCode}: {error}{output}");
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string? FindProblem()
    {
        try
        {
            var (exitCode, _, error) = RunInAsync(Path.GetTempPath(), "npm", ["view", "--fetch-retries=0", Package, "version"]).GetAwaiter().GetResult();
            return exitCode == 0 ? null : $"The npm registry does not answer: {error.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no npm on this machine. Install Node.js 20 or newer to run the test with a client in JavaScript.";
        }
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunInAsync(string folder, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }
}
