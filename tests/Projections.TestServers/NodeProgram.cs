using System.ComponentModel;
using System.Diagnostics;

namespace Projections.TestServers;

/// <summary>A script that Node.js runs, in a process of its own that a test can kill.</summary>
public sealed class NodeProgram : IAsyncDisposable
{
    private static readonly Lazy<string?> Reason = new(FindReason);

    private readonly Process _process;
    private readonly List<string> _said = [];

    private NodeProgram(Process process) => _process = process;

    /// <summary>Why no script can be run here; <c>null</c> when one can.</summary>
    public static string? WhyNot => Reason.Value;

    /// <summary>What it wrote to its error output.</summary>
    public IReadOnlyList<string> Said
    {
        get
        {
            lock (_said)
            {
                return [.. _said];
            }
        }
    }

    public static NodeProgram Start(string script, params IEnumerable<string> arguments)
    {
        var program = new NodeProgram(new Process { StartInfo = new ProcessStartInfo("node", [script, .. arguments]) { RedirectStandardError = true } });
        program._process.ErrorDataReceived += (_, line) =>
        {
            lock (program._said)
            {
                program._said.Add(line.Data ?? "");
            }
        };
        program._process.Start();
        program._process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Runs a script to its end.</summary>
    /// <returns>The lines of its output.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(string script, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("node", [script, .. arguments]) { RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>As <c>kill -9</c>.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string? FindReason()
    {
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", ["--version"]) { RedirectStandardOutput = true })!;
            var version = node.StandardOutput.ReadToEnd().Trim();
            node.WaitForExit();
            return int.TryParse(version.TrimStart('v').Split('.')[0], out var major) && major >= 20 ? null : $"Node.js is {version}, and 20 is needed.";
        }
        catch (Win32Exception)
        {
            return "There is no Node.js on this machine.";
        }
    }
}
