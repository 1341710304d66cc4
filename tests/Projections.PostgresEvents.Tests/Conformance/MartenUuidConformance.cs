using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Conformance;

public sealed class MartenUuidConformance : EventSourceConformance
{
    protected override Task<EventStoreUnderTest> CreateStoreAsync() => MartenStore.CreateAsync(streamsAreUuids: true);
}
