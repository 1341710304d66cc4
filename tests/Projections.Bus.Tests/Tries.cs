using MassTransit;

namespace Projections.Bus.Tests;

/// <summary>Counts how often queues could not be had.</summary>
internal sealed class Tries : IReceiveEndpointObserver
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        Interlocked.Increment(ref _count);
        return Task.CompletedTask;
    }
}
