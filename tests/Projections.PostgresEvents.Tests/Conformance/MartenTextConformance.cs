using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Conformance;

public sealed class MartenTextConformance : EventSourceConformance
{
    protected override Task<EventStoreUnderTest> CreateStoreAsync() => MartenStore.CreateAsync(streamsAreUuids: false);
}
