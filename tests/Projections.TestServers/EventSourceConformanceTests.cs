using Projections.Testing;

namespace Projections.TestServers;

/// <summary>The claims of <see cref="EventSourceConformance"/> as tests of xunit.</summary>
public abstract class EventSourceConformanceTests : EventSourceConformance
{
    public static TheoryData<string> All => [.. Claims];

    [Theory]
    [MemberData(nameof(All))]
    public Task It_does_what_every_source_must(string claim) => CheckAsync(claim);
}
