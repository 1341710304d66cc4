using Projections.EventStoreDb.TestServer;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EventStoreDb.Tests;

public sealed class EventStoreDbConformance : EventSourceConformanceTests
{
    protected override async Task<EventStoreUnderTest> CreateStoreAsync() => new TestNodeStore(await TestNode.StartAsync());
}
