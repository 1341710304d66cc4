using Projections.Testing;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Conformance;

public sealed class MartenTextConformance : EventSourceConformanceTests
{
    protected override Task<EventStoreUnderTest> CreateStoreAsync() => MartenStore.CreateAsync(streamsAreUuids: false);
}
