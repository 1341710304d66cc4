using Projections.Events;

namespace Projections.Tests.Events;

public sealed class EventBatchTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1_000)]
    public void A_copy_takes_no_more_memory_than_its_size_says_whatever_buffers_the_batch_is_in(int count)
    {
        var events = new RecordedEvent[4_096];
        for (var i = 0; i < count; i++)
        {
            events[i] = Recorded.Event(i, "counted", """{"some":"body"}""", metadata: """{"some":"metadata"}""");
        }

        using var batch = new EventBatch(events, count, new EventPosition(1_000));
        batch.Copy();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var copy = batch.Copy();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        copy.Size.ShouldBe(batch.Size);
        copy.Size.ShouldBeInRange(allocated, allocated + 256 + (100 * count));
        (copy.Count, copy.Through).ShouldBe((count, batch.Through));
    }
}
