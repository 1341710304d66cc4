using System.Reflection;
using Projections.EventStoreDb.Testing;
using Projections.TestServers;

namespace Projections.EventStoreDb.Tests.RealServer;

public sealed class RealServerTests
{
    public static TheoryData<string> Claims => [.. typeof(EventSourceConformance)
        .GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        .Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
        .Select(method => method.Name)];

    [RealServerTheory]
    [MemberData(nameof(Claims))]
    public Task A_real_server_passes_the_conformance_suite(string claim) =>
        (Task)typeof(EventSourceConformance).GetMethod(claim)!.Invoke(new Suite(), null)!;

    // Not public: its tests are to run as cases of the theory, which can be skipped.
    private sealed class Suite : EventSourceConformance
    {
        protected override async Task<EventStoreUnderTest> CreateStoreAsync() => new RealStore(await StoreUnderTest.OpenAsync(StoreKind.RealServer));
    }
}
