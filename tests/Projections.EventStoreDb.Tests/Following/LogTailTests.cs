using Microsoft.Extensions.Logging;
using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.TestServers;

namespace Projections.EventStoreDb.Tests.Following;

public sealed class LogTailTests
{
    private readonly ScriptedLog _log = new();

    [Fact]
    public async Task It_subscribes_behind_the_last_event_of_the_log_and_reads_what_comes_before_that()
    {
        await using var source = new EventStoreDbSource(_log, ReadingTools.Quick);
        _log.Bring(101);
        _log.Bring(105);

        (await FollowAsync(source, 95, 7)).ShouldBe([96, 97, 98, 99, 100, 101, 105]);

        _log.Asked.ShouldBe(["read 95..100", "follow 100"]);
    }

    [Fact]
    public async Task A_node_that_does_not_hold_yet_what_was_seen_of_another_is_waited_for()
    {
        await using var source = new EventStoreDbSource(_log, ReadingTools.Quick with { Retries = 0 });
        (_log.End, _log.Comes) = (new EventPosition(90), new EventPosition(102));
        _log.Bring(103);

        (await FollowAsync(source, 100, 3)).ShouldBe([101, 102, 103]);

        _log.Asked.ShouldBe(["read 100..102", "follow 102"]);
    }

    [Fact]
    public async Task A_subscription_that_breaks_is_begun_again_at_what_is_the_end_by_then()
    {
        await using var source = new EventStoreDbSource(_log, ReadingTools.Quick);
        _log.Bring(101);
        _log.Break();
        _log.Bring(104);

        var following = FollowAsync(source, 100, 4, position => _log.End = new EventPosition(position == 101 ? 103 : position));

        (await following).ShouldBe([101, 102, 103, 104]);
        _log.Asked.ShouldBe(["follow 100", "read 101..103", "follow 103"]);
    }

    [Fact]
    public async Task What_breaks_again_and_again_before_anything_has_come_is_told()
    {
        await using var source = new EventStoreDbSource(_log, ReadingTools.Quick with { Retries = 2 });
        for (var attempt = 0; attempt < 3; attempt++)
        {
            _log.Break();
        }

        await Should.ThrowAsync<EventSourceUnavailable>(() => FollowAsync(source, 100, 1));

        _log.Asked.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_subscription_that_ends_because_much_came_at_once_is_begun_again_behind_it_and_alarms_nobody()
    {
        var log = new RecordedLog();
        await using var source = new EventStoreDbSource(_log, ReadingTools.Quick with { Logger = log, Retries = 1 });
        _log.End = new EventPosition(110);
        for (var burst = 0; burst < 3; burst++)
        {
            _log.Break(new ConsumerTooSlow("Following"));
        }

        (await FollowAsync(source, 100, 40, position => _log.End = new EventPosition(position + 10))).ShouldBe(Enumerable.Range(101, 40).Select(n => (long)n));

        log.Lines.ShouldAllBe(line => line.Level == LogLevel.Debug && line.Text.Contains("more came at once"));
        log.Lines.Count.ShouldBe(3);
    }

    /// <summary>Follows until so many events have come; their bodies, looked at when all have, say the same as their positions.</summary>
    private static async Task<List<long>> FollowAsync(EventStoreDbSource source, int after, int count, Action<long>? came = null)
    {
        var batches = new List<EventBatch>();
        using var deadline = new CancellationTokenSource(Deadline.Generous);
        await foreach (var batch in source.FollowAsync(new EventPosition(after), EventFilter.All, deadline.Token))
        {
            batches.Add(batch);
            came?.Invoke(batch.Through.Major);
            if (batches.Sum(one => one.Count) >= count)
            {
                break;
            }
        }

        var events = batches.SelectMany(batch => batch.Memory.ToArray()).ToList();
        events.ShouldAllBe(one => BitConverter.ToInt64(one.Data.ToArray(), 0) == one.Position.Major);
        return [.. events.Select(one => one.Position.Major)];
    }
}
