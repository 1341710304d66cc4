using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Conformance;

public sealed class EmmettConformance : EventSourceConformance
{
    protected override Task<EventStoreUnderTest> CreateStoreAsync() => PlainTableStore.EmmettAsync();
}
