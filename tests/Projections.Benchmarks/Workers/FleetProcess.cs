using System.Diagnostics;
using System.Globalization;

namespace Projections.Benchmarks.Workers;

/// <summary>A running <see cref="FleetProgram"/>.</summary>
internal sealed class FleetProcess : IAsyncDisposable
{
    private readonly Process _process;

    private FleetProcess(Process process) => _process = process;

    /// <summary>The processor time that it has used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The memory that it has in use, in megabytes.</summary>
    public double MemoryMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1048576.0;
        }
    }

    public int Id => _process.Id;

    /// <summary>Starts it, and waits until all databases are open.</summary>
    public static async Task<FleetProcess> StartAsync(IReadOnlyList<string> databases, string connectionTemplate, string versions, int memoryMegabytes, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { FleetProgram.Verb, versions, memoryMegabytes.ToString(CultureInfo.InvariantCulture) },
            Environment = { [FleetProgram.ConnectionVariable] = connectionTemplate, [FleetProgram.NamesVariable] = string.Join(',', databases) },
        };
        var fleet = new FleetProcess(Process.Start(start)!);
        await fleet.UntilAsync(WorkerProgram.Started, cancellationToken);
        return fleet;
    }

    /// <summary>Asks for a rebuild in all databases.</summary>
    public async Task AskForRebuildAsync(CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(FleetProgram.AskForRebuild);
        await _process.StandardInput.FlushAsync(cancellationToken);
        await UntilAsync(FleetProgram.Done, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task UntilAsync(string line, CancellationToken cancellationToken)
    {
        if (await _process.StandardOutput.ReadLineAsync(cancellationToken) != line)
        {
            throw new InvalidOperationException("The process with many databases has ended.");
        }
    }
}
