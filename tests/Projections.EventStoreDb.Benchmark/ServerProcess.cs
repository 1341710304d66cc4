using System.Diagnostics;
using System.Globalization;

namespace Projections.EventStoreDb.Benchmark;

/// <summary>The server in a process of its own, so that its memory and its garbage are not the reader's.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, string[] said)
    {
        _process = process;
        Port = int.Parse(said[0], CultureInfo.InvariantCulture);
        Events = int.Parse(said[1], CultureInfo.InvariantCulture);
        Bytes = long.Parse(said[2], CultureInfo.InvariantCulture);
    }

    public int Id => _process.Id;

    public int Port { get; }

    public int Events { get; }

    /// <summary>The size of all answers together, in their frames.</summary>
    public long Bytes { get; }

    public string ConnectionString => $"esdb://127.0.0.1:{Port}?tls=false";

    public Task<EventStoreDbSource> OpenSourceAsync() =>
        EventStoreDbSource.OpenAsync(ConnectionString, new EventStoreDbSourceOptions { StreamsAreUuids = true });

    public static async Task<ServerProcess> StartAsync(int events)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["serve", events.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server did not start.");
        return new ServerProcess(process, said.Split(' '));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
