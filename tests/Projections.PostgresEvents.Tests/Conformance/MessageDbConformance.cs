using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Conformance;

public sealed class MessageDbConformance : EventSourceConformance
{
    protected override Task<EventStoreUnderTest> CreateStoreAsync() => PlainTableStore.MessageDbAsync();
}
