using System.Globalization;
using Projections.Chaos.Report;
using Projections.LocalPostgres;
using Projections.TestServers;
using Projections.TestServers.Faults;

namespace Projections.Chaos.Ground;

/// <summary>
/// A place in the fleet: a worker process, with its own way to the database and an address of its own, that is started anew
/// whenever it has ended, as whoever runs the fleet does.
/// </summary>
internal sealed class Seat : IAsyncDisposable
{
    /// <summary>What a worker says once it has reached everything that it needs.</summary>
    private const string Started = " follows ";

    /// <summary>How long a worker may take to find out that connections are gone, and to make new ones.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BeforeRestart = TimeSpan.FromMilliseconds(500);

    private readonly ChaosGround _ground;
    private readonly ChaosRecord _record;
    private readonly StreamWriter _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile WorkerProcess? _worker;
    private volatile bool _ending;
    private long _lastFault = Environment.TickCount64;

    public Seat(int number, ChaosGround ground, ChaosRecord record, string folder)
    {
        Number = number;
        _ground = ground;
        _record = record;
        Proxy = new FaultyProxy(ground.Port);
        Address = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        _log = new StreamWriter(Path.Combine(folder, $"worker-{number}.log")) { AutoFlush = true };
        _running = KeepRunningAsync();
    }

    public int Number { get; }

    public FaultyProxy Proxy { get; }

    /// <summary>Where its API is.</summary>
    public Uri Address { get; }

    /// <summary>Whether there is a worker that has come to its work and has been left alone for a while, so that it must be getting on.</summary>
    public bool IsLeftAlone =>
        Hand.CurrentCount > 0
        && _worker?.Said.Contains(Started, StringComparison.Ordinal) == true
        && Environment.TickCount64 - Interlocked.Read(ref _lastFault) > Recovery.TotalMilliseconds;

    /// <summary>One fault of a process at a time.</summary>
    public SemaphoreSlim Hand { get; } = new(1);

    /// <summary>Notes that something has just happened to it.</summary>
    public void SeeFault() => Interlocked.Exchange(ref _lastFault, Environment.TickCount64);

    public async Task KillAsync()
    {
        if (_worker is { } worker)
        {
            _ending = true;
            await worker.KillAsync();
        }
    }

    public async Task SleepAsync(TimeSpan length)
    {
        if (_worker is { } worker)
        {
            await worker.SignalAsync("STOP");
            await Task.Delay(length);
            await worker.SignalAsync("CONT");
        }
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    /// <returns>Whether it ended by itself.</returns>
    public async Task<bool> TerminateAsync(TimeSpan patience)
    {
        if (_worker is not { } worker)
        {
            return true;
        }

        _ending = true;
        try
        {
            await worker.SignalAsync("TERM");
            await worker.ExitAsync(patience);
            return true;
        }
        catch (InvalidOperationException) when (_worker != worker)
        {
            // It had ended before it was asked, and has been cleared away.
            return true;
        }
        catch (InvalidOperationException)
        {
            await worker.KillAsync();
            return false;
        }
    }

    /// <summary>Ends it for good, by asking.</summary>
    public async Task EndAsync(TimeSpan patience)
    {
        await _stop.CancelAsync();
        if (!await TerminateAsync(patience))
        {
            _record.Wrong(Wrongs.NotEnded, $"worker {Number}");
        }

        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await KillAsync();
        await _running;
        await Proxy.DisposeAsync();
        await _log.DisposeAsync();
        _stop.Dispose();
        Hand.Dispose();
    }

    private async Task KeepRunningAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await using var worker = Start();
            _ending = false;
            _worker = worker;
            var exit = worker.ExitAsync(Timeout.InfiniteTimeSpan);
            while (await Task.WhenAny(exit, Task.Delay(TimeSpan.FromSeconds(1))) != exit)
            {
                _record.SeeMemory(worker.PeakMegabytes);
            }

            _worker = null;
            await TellEndAsync(worker, await exit);
            await Task.WhenAny(Task.Delay(BeforeRestart, _stop.Token));
        }
    }

    private WorkerProcess Start() => WorkerProcess.Start(
        "Projections.Chaos.dll",
        [
            .. _ground.ConnectionsThrough(Proxy),
            .. ChaosSettings.Of(_ground),
            ("Http__Listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Address.Port}")),
            ("Http__CommandsPerMinute", "6000"),
            ("Http__RequestsPerMinute", "6000"),
        ],
        ChaosOptions.WorkerVerb,
        "run");

    private async Task TellEndAsync(WorkerProcess worker, int code)
    {
        var said = worker.Said;
        await _log.WriteLineAsync($"--- {DateTime.UtcNow:HH:mm:ss.fff} process {worker.Id} ended with {code}{(_ending ? ", as it was told to" : "")}");
        await _log.WriteAsync(said);
        if (said.Contains("OutOfMemory", StringComparison.Ordinal))
        {
            _record.Wrong(Wrongs.Memory, $"worker {Number}, process {worker.Id}");
        }

        if (said.Contains("Unhandled exception", StringComparison.Ordinal))
        {
            _record.Wrong(Wrongs.Crashed, $"worker {Number}, process {worker.Id}: {LastLine(said)}");
        }

        if (!_ending)
        {
            _record.SeeEnd(said.Contains(Started, StringComparison.Ordinal), $"worker {Number} ended by itself with {code}: {LastLine(said)}");
        }
    }

    private static string LastLine(string said) =>
        said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it said nothing";
}
