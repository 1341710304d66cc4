using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Projections.TestServers;

namespace Projections.Web;

/// <summary>The program in a process of its own, with what it says.</summary>
public sealed partial class RunProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly Task _reading;

    /// <summary>Starts a worker on a database.</summary>
    public RunProcess(string database, params (string Variable, string Value)[] settings)
        : this(database, ["run"], settings)
    {
    }

    public RunProcess(string? database, string[] arguments, params (string Variable, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Projections.Host.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        ShippedLimits.ApplyTo(start);
        start.Environment["ConnectionStrings__ReadModels"] = database;
        start.Environment["Events__GraceTime"] = "00:00:00";
        start.Environment["Projections__LeaseDuration"] = "00:00:02";
        foreach (var (variable, value) in settings)
        {
            start.Environment[variable] = value;
        }

        _process = Process.Start(start)!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    public string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    /// <summary>The worker's name, once it has said it.</summary>
    public string Name => WorkerLine().Match(Said).Groups[1].Value;

    /// <summary>Waits until it says where its page is.</summary>
    public async Task<Uri> PageAsync()
    {
        await SaysAsync("Page and API: ");
        return new Uri(PageLine().Match(Said).Groups[1].Value);
    }

    /// <summary>Where it said that health is asked for while it starts.</summary>
    public Uri Starting => new(StartingLine().Match(Said).Groups[1].Value);

    public async Task SaysAsync(string text)
    {
        await Deadline.UntilAsync(() => Said, said => said.Contains(text, StringComparison.Ordinal) || _process.HasExited, $"say '{text}'");
        Said.ShouldContain(text, Case.Sensitive, "It ended without saying so.");
    }

    /// <summary>Sends a signal and waits for the end.</summary>
    public async Task<int> StopAsync(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process.Id}"]);
        await kill.WaitForExitAsync();
        return await EndAsync();
    }

    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(Deadline.Generous);
        await _process.WaitForExitAsync(limit.Token);
        await _reading.WaitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            lock (_said)
            {
                _said.AppendLine(line);
            }
        }
    }

    [GeneratedRegex(@"Page and API: (\S+)\r?\n")]
    private static partial Regex PageLine();

    [GeneratedRegex(@"Starting\. Until everything is there, health at (\S+) says so")]
    private static partial Regex StartingLine();

    [GeneratedRegex("Worker (\\S+) follows")]
    private static partial Regex WorkerLine();
}
