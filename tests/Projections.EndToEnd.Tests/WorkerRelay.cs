using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>Workers that follow each other: the next is there, and waits for the leases, before the first is killed.</summary>
/// <param name="start">Starts one, by how many were started before.</param>
internal sealed class WorkerRelay(Func<int, WorkerProcess> start) : IAsyncDisposable
{
    private readonly Queue<WorkerProcess> _running = new();
    private int _started;

    public async Task NextAsync()
    {
        var next = start(_started++);
        _running.Enqueue(next);
        await next.SaysAsync(" follows ");
    }

    public async Task KillFirstAsync()
    {
        await using var first = _running.Dequeue();
        await first.KillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        while (_running.TryDequeue(out var worker))
        {
            await worker.DisposeAsync();
        }
    }
}
