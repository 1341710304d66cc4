using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Projections.TestServers;

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

    /// <summary>The most memory that it ever had in use at once, in megabytes; <c>null</c> when it is not there any more, or the machine is no Linux.</summary>
    public double? PeakMegabytes
    {
        get
        {
            try
            {
                var peak = File.ReadLines($"/proc/{Id}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
                return peak is null ? null : double.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    /// <summary>Starts a program with the memory of the shipped manifest.</summary>
    /// <param name="program">The program's assembly, in the folder of the tests.</param>
    /// <param name="settings">Settings by their names in the environment.</param>
    /// <param name="arguments">The verb and what goes with it.</param>
    public static WorkerProcess Start(string program, IEnumerable<(string Setting, string Value)> settings, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        ShippedLimits.ApplyTo(start);
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

        var first = await Task.WhenAny(seen.Task, _process.WaitForExitAsync(), Task.Delay(Deadline.Generous));
        if (first != seen.Task && !seen.Task.IsCompleted)
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
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end, by itself or by a signal.</summary>
    /// <param name="patience">How long; minutes when left out.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> ExitAsync(TimeSpan? patience = null)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(patience ?? Deadline.Generous);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"The worker did not end, but said: {Said}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
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
