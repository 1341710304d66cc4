using System.Text;
using Projections.Events;
using Projections.EventStoreDb.Testing;
using Projections.Testing;

namespace Projections.EventStoreDb.Tests.RealServer;

/// <summary>A real server as an empty store for one conformance test.</summary>
internal sealed class RealStore(StoreUnderTest store) : EventStoreUnderTest
{
    public override Task<IEventSource> OpenAsync() => store.OpenOwnSourceAsync();

    public override StreamId StreamOf(string category, int number) => new(store.Named(Stream(category, number)));

    public override Task AppendAsync(string category, int number, params IReadOnlyList<(string Type, string Json)> events) =>
        store.AppendAsync(Stream(category, number), [.. events.Select(one => new EventToAppend(one.Type, Encoding.UTF8.GetBytes(one.Json)))]);

    public override ValueTask DisposeAsync() => store.DisposeAsync();

    private static string Stream(string category, int number) => $"{category}-{number}";
}
