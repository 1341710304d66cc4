using Projections.Testing;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Conformance;

public sealed class MartenUuidConformance : EventSourceConformanceTests
{
    protected override Task<EventStoreUnderTest> CreateStoreAsync() => MartenStore.CreateAsync(streamsAreUuids: true);
}
