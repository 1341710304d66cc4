using System.Text;
using Projections.Events;
using Projections.EventStoreDb.Testing;
using Projections.Testing;

namespace Projections.EventStoreDb.Tests.RealServer;

/// <summary>A real server as an empty store for one conformance test.</summary>
internal sealed class RealStore(StoreUnderTest store) : EventStoreUnderTest
{
    /// <summary>A server takes appends of up to 1 MiB, unless its <c>--max-append-size</c> says otherwise.</summary>
    public override int LargestEvent => 1_000_000;

    public override async Task<IEventSource> OpenAsync() => store.OwnOf(await store.OpenSourceAsync());

    public override StreamId StreamOf(string category, int number) => new(store.Named(Stream(category, number)));

    public override Task AppendAsync(string category, int number, params IReadOnlyList<(string Type, string Json)> events) =>
        store.AppendAsync(Stream(category, number), [.. events.Select(one => new EventToAppend(one.Type, Encoding.UTF8.GetBytes(one.Json)))]);

    public override ValueTask DisposeAsync() => store.DisposeAsync();

    private static string Stream(string category, int number) => $"{category}-{number}";
}
