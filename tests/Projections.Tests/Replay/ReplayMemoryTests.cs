using Projections.Replay;

namespace Projections.Tests.Replay;

public sealed class ReplayMemoryTests
{
    [Fact]
    public void Rebuilds_that_run_at_the_same_time_share_the_memory()
    {
        var memory = new ReplayMemory(900);
        using var first = memory.Enter();
        memory.Share.ShouldBe(900);

        var second = memory.Enter();
        memory.Share.ShouldBe(450);

        second.Dispose();
        second.Dispose();
        memory.Share.ShouldBe(900);
    }
}
