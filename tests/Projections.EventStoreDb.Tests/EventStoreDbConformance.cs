using Projections.EventStoreDb.TestServer;
using Projections.TestServers;

namespace Projections.EventStoreDb.Tests;

public sealed class EventStoreDbConformance : EventSourceConformance
{
    protected override async Task<EventStoreUnderTest> CreateStoreAsync() => new TestNodeStore(await TestNode.StartAsync());
}
