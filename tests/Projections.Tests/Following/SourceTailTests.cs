using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Projections.Events;
using Projections.Following;
using Projections.TestServers;

namespace Projections.Tests.Following;

public sealed class SourceTailTests
{
    [Fact]
    public async Task The_buffers_in_which_events_come_are_given_back_and_the_events_stay_as_they_were()
    {
        var source = new PooledSource(1_000, _ => new StreamId(Guid.Empty));
        await using var tail = await FilledAsync(source);

        source.MostBuffersOut.ShouldBe(1);
        var (batches, through) = tail.After(new EventPosition(900));
        through.ShouldBe(source.End);
        batches.ShouldNotBeNull().Select(batch => Encoding.UTF8.GetString(batch.Events[0].Data.Span))
            .ShouldBe(Enumerable.Range(901, 100).Select(position => PooledSource.BodyOf(position)));
    }

    [Fact]
    public async Task What_is_kept_is_bounded_with_all_that_it_takes_and_not_by_the_bodies_alone()
    {
        // A body has some twenty bytes; the name of its stream has eight thousand.
        var source = new PooledSource(20_000, position => new StreamId($"{position}-{new string('n', 4_000)}"));
        await using var tail = await FilledAsync(source);

        var window = Enumerable.Range(0, 20_000).Select(position => tail.After(new EventPosition(position)).Batches).First(batches => batches is not null)!;

        window.Sum(batch => batch.Size).ShouldBeInRange(3L * 1024 * 1024, 5L * 1024 * 1024);
        tail.After(new EventPosition(1)).Batches.ShouldBeNull();
        tail.After(new EventPosition(19_999)).Batches.ShouldNotBeNull().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Who_waits_from_before_the_place_where_the_tail_begins_is_told_as_soon_as_it_has_begun()
    {
        var source = new PooledSource(1, _ => new StreamId(Guid.Empty));
        await using var tail = new SourceTail(source, EventFilter.All, TimeProvider.System, NullLogger.Instance);

        await tail.WaitAsync(new EventPosition(-1), CancellationToken.None).WaitAsync(Deadline.Generous);

        tail.After(new EventPosition(-1)).ShouldBe((null, new EventPosition(0)));
    }

    private static async Task<SourceTail> FilledAsync(PooledSource source)
    {
        var tail = new SourceTail(source, EventFilter.All, TimeProvider.System, NullLogger.Instance);
        await tail.WaitAsync(new EventPosition(-1), CancellationToken.None).WaitAsync(Deadline.Generous);
        source.Begin();
        await tail.WaitAsync(new EventPosition(source.End.Major - 1), CancellationToken.None).WaitAsync(Deadline.Generous);
        return tail;
    }
}
