using Projections.EventStoreDb.Testing;
using Projections.Testing;

namespace Projections.EventStoreDb.Tests.RealServer;

public sealed class RealServerTests
{
    public static TheoryData<string> Claims => [.. EventSourceConformance.Claims];

    [RealServerTheory]
    [MemberData(nameof(Claims))]
    public Task A_real_server_passes_the_conformance_suite(string claim) => new Suite().CheckAsync(claim);

    private sealed class Suite : EventSourceConformance
    {
        protected override async Task<EventStoreUnderTest> CreateStoreAsync() => new RealStore(await StoreUnderTest.OpenAsync(StoreKind.RealServer));
    }
}
