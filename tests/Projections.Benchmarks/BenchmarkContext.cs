using Projections.Benchmarks.Store;

namespace Projections.Benchmarks;

/// <summary>What a measurement works with.</summary>
internal sealed record BenchmarkContext(BenchmarkServer Server, BenchmarkOptions Options)
{
    /// <summary>A fresh copy of a store with that many events.</summary>
    public Task<BenchmarkDatabase> StoreAsync(int events, CancellationToken cancellationToken) =>
        Server.CopyOfStoreAsync(events, cancellationToken);
}
