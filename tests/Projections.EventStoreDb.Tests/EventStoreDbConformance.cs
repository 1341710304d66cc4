using Projections.EventStoreDb.TestServer;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EventStoreDb.Tests;

public abstract class EventStoreDbConformance(ServerVersion version) : EventSourceConformanceTests
{
    protected override async Task<EventStoreUnderTest> CreateStoreAsync() => new TestNodeStore(await TestNode.StartAsync(version: version));
}

public sealed class EventStoreDb21Conformance() : EventStoreDbConformance(ServerVersion.V21_10);

public sealed class EventStoreDb23Conformance() : EventStoreDbConformance(ServerVersion.V23_10);

public sealed class EventStoreDb24Conformance() : EventStoreDbConformance(ServerVersion.V24_10);

public sealed class EventStoreDb25Conformance() : EventStoreDbConformance(ServerVersion.V25_1);
