using System.Diagnostics;
using System.Globalization;
using System.Text;
using Projections.Testing;

namespace Projections.EndToEnd;

/// <summary>The real executable, <c>projections</c>, in a process of its own that a test can kill, stop and continue.</summary>
public sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

    private WorkerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Everything it has written so far, to both outputs.</summary>
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

    /// <summary>Starts a verb against a world's database, with engine settings by their names.</summary>
    public static WorkerProcess Start(World world, IEnumerable<(string Setting, string Value)> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Projections.Host.dll") },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        ShippedLimits.ApplyTo(start);
        start.Environment["ConnectionStrings__ReadModels"] = world.Database.ConnectionString;
        start.Environment["Events__Kind"] = "Marten";
        start.Environment["Events__Schema"] = "events";
        start.Environment["Events__GraceTime"] = "00:00:00";
        start.Environment["Projections__LeaseDuration"] = "00:00:01";
        start.Environment["Projections__ReplayPartitions"] = "3";
        start.Environment["Http__Listen"] = "off";
        foreach (var (setting, value) in settings)
        {
            start.Environment[setting] = value;
        }

        var worker = new WorkerProcess(new Process { StartInfo = start });
        worker._process.OutputDataReceived += (_, line) => worker.Hear(line.Data);
        worker._process.ErrorDataReceived += (_, line) => worker.Hear(line.Data);
        worker._process.Start();
        worker._process.BeginOutputReadLine();
        worker._process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>Waits until it writes a line that contains <paramref name="text"/>.</summary>
    public async Task SaysAsync(string text)
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_said)
        {
            if (_said.ToString().Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            _awaited.Add((text, seen));
        }

        try
        {
            await seen.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"The worker did not say '{text}', but: {Said}");
        }
    }

    /// <summary>As <c>kill -9</c>: it has no say in it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>As <c>kill -STOP</c> and <c>kill -CONT</c>.</summary>
    public Task SignalAsync(string signal) => RunAsync("kill", $"-{signal}", Id.ToString(CultureInfo.InvariantCulture));

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
    }

    private void Hear(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
            foreach (var (text, seen) in _awaited)
            {
                if (line?.Contains(text, StringComparison.Ordinal) == true)
                {
                    seen.TrySetResult();
                }
            }
        }
    }
}
