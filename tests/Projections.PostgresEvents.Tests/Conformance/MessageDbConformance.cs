using Projections.Testing;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Conformance;

public sealed class MessageDbConformance : EventSourceConformanceTests
{
    protected override Task<EventStoreUnderTest> CreateStoreAsync() => PlainTableStore.MessageDbAsync();
}
