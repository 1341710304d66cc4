using Projections.Events;
using Projections.EventStoreDb.Following;
using Projections.TestServers;

namespace Projections.EventStoreDb.Tests.Following;

public sealed class LogTailTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    private readonly ScriptedLog _log = new();
    private readonly HeldTime _time = new();

    [Fact]
    public async Task The_subscription_ends_when_nobody_has_waited_for_ten_seconds_and_the_next_one_who_waits_begins_another()
    {
        await using var tail = new LogTail(_log, new EventStoreDbSourceOptions { Time = _time });
        (await tail.WaitAsync(new EventPosition(50), CancellationToken.None)).Position.ShouldBe(new EventPosition(100));
        var idle = await _time.NextTimerAsync();
        idle.Due.ShouldBe(Idle);

        idle.Fire();
        await _log.EndedAsync().AsTask().WaitAsync(Deadline.Generous);

        _log.End = new EventPosition(200);
        (await tail.WaitAsync(new EventPosition(150), CancellationToken.None).WaitAsync(Deadline.Generous)).Position.ShouldBe(new EventPosition(200));
        _log.Subscriptions.ShouldBe(2);
    }

    [Fact]
    public async Task The_subscription_stays_while_somebody_waits_however_long()
    {
        await using var tail = new LogTail(_log, new EventStoreDbSourceOptions { Time = _time });
        var waiting = tail.WaitAsync(new EventPosition(100), CancellationToken.None);
        for (var round = 0; round < 5; round++)
        {
            // The next round's timer is made only by a subscription that goes on.
            (await _time.NextTimerAsync().AsTask().WaitAsync(Deadline.Generous)).Fire();
        }

        _log.Bring(At(101));

        (await waiting.WaitAsync(Deadline.Generous)).Position.ShouldBe(new EventPosition(101));
        _log.Subscriptions.ShouldBe(1);
    }

    [Fact]
    public async Task What_the_subscription_brought_is_read_from_it_and_not_from_the_log_again()
    {
        await using var source = new EventStoreDbSource(_log, new EventStoreDbSourceOptions { Time = _time });
        var waiting = source.WaitForEventsAsync(_log.End, CancellationToken.None);
        _log.Bring(At(101), At(103, "b"), At(104, "$links"));
        await waiting.WaitAsync(Deadline.Generous);
        _log.Bring(At(107, "b"), At(109));
        await source.WaitForEventsAsync(new EventPosition(104), CancellationToken.None).WaitAsync(Deadline.Generous);

        (await ReadAsync(source, 100, 109, EventFilter.All)).ShouldBe([101, 103, 107, 109]);
        (await ReadAsync(source, 101, 107, EventFilter.All)).ShouldBe([103, 107]);
        (await ReadAsync(source, 100, 109, EventFilter.OfTypes("b", "$links"))).ShouldBe([103, 104, 107]);
        (await ReadAsync(source, 104, 105, EventFilter.OfTypes("b"))).ShouldBeEmpty();
        await foreach (var batch in source.ReadAsync(new EventPosition(103), new EventPosition(108), EventFilter.OfTypes("a"), CancellationToken.None))
        {
            (batch.Count, batch.Through).ShouldBe((0, new EventPosition(108)));
        }
    }

    [Theory]
    [InlineData(99, 101)]
    [InlineData(100, 102)]
    public async Task What_the_subscription_did_not_bring_whole_is_read_from_the_log(int after, int upTo)
    {
        await using var source = new EventStoreDbSource(_log, new EventStoreDbSourceOptions { Time = _time });
        var waiting = source.WaitForEventsAsync(_log.End, CancellationToken.None);
        _log.Bring(At(101));
        await waiting.WaitAsync(Deadline.Generous);

        (await Should.ThrowAsync<InvalidOperationException>(() => ReadAsync(source, after, upTo, EventFilter.All))).Message.ShouldBe("The log was read.");
        (await Should.ThrowAsync<InvalidOperationException>(() => ReadAsync(source, 100, 101, new EventFilter(null, "category")))).Message.ShouldBe("The log was read.");
    }

    [Fact]
    public void Only_the_last_events_are_kept_and_they_outlive_the_buffers_that_they_came_in()
    {
        var recent = new RecentEvents(mostEvents: 10, mostBytes: 100_000);
        recent.Begin(new EventPosition(0));
        for (var position = 1; position <= 100; position++)
        {
            var body = new byte[] { (byte)position };
            using var batch = new EventBatch([At(position) with { Data = body, Metadata = body }], 1, new EventPosition(position));
            recent.Add(batch);
            body[0] = 255;
        }

        recent.Find(new EventPosition(89), new EventPosition(100), EventFilter.All).ShouldBeNull();
        var kept = recent.Find(new EventPosition(90), new EventPosition(100), EventFilter.All)!;
        kept.Count.ShouldBe(10);
        kept.Events[0].Data.ToArray().ShouldBe([91]);
        kept.Events[9].Metadata.ToArray().ShouldBe([100]);
        using var large = new EventBatch([At(101) with { Data = new byte[200_000] }], 1, new EventPosition(101));
        recent.Add(large);
        recent.Find(new EventPosition(99), new EventPosition(101), EventFilter.All).ShouldBeNull();
        recent.Find(new EventPosition(100), new EventPosition(101), EventFilter.All)!.Count.ShouldBe(1);

        recent.Forget();
        recent.Find(new EventPosition(100), new EventPosition(101), EventFilter.All).ShouldBeNull();
    }

    private static RecordedEvent At(long position, string type = "a") => new()
    {
        Position = new EventPosition(position),
        Stream = new StreamId("a-1"),
        StreamVersion = position,
        Type = type,
        Data = "{}"u8.ToArray(),
        Time = DateTime.UnixEpoch,
    };

    private static async Task<List<long>> ReadAsync(EventStoreDbSource source, int after, int upTo, EventFilter filter) =>
        [.. (await source.ReadAsync(new EventPosition(after), new EventPosition(upTo), filter, CancellationToken.None).CollectAsync()).Select(seen => seen.Position.Major)];
}
