using System.Diagnostics;
using System.Text;
using Projections.TestServers;

namespace Projections.CommandLine;

/// <summary>The program as a process of its own.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string? _secret;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private readonly Task<string> _errors;

    public RunningProgram(ProcessStartInfo start, string? secret)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _secret = secret;
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    public int ProcessId => _process.Id;

    /// <summary>Waits until it has said something on its standard output.</summary>
    public async Task SaysAsync(string text)
    {
        await Deadline.UntilAsync(() => Said, said => said.Contains(text, StringComparison.Ordinal) || _reading.IsCompleted, $"say '{text}'");
        if (!Said.Contains(text, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The program ended without saying '{text}':\n{Said}\n{await _errors}");
        }
    }

    /// <summary>Sends a signal, as <c>kill</c> does: <c>INT</c>, <c>TERM</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process.Id}"]);
        await kill.WaitForExitAsync();
        kill.ExitCode.ShouldBe(0);
    }

    /// <summary>Waits for its end, and checks that it gave no secret away.</summary>
    public async Task<ProgramResult> EndAsync()
    {
        using var limit = new CancellationTokenSource(Deadline.Generous);
        await _process.WaitForExitAsync(limit.Token);
        await _reading.WaitAsync(limit.Token);
        var result = new ProgramResult(_process.ExitCode, _output.ToString(), await _errors.WaitAsync(limit.Token));
        if (_secret is not null)
        {
            result.ToString().ShouldNotContain(_secret);
        }

        return result;
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

    private string Said
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }
}
