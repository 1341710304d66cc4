using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Reading;

namespace Projections.EventStoreDb.Tests.Reading;

public sealed class TryAgainTests
{
    private static readonly int[] LongestPauses = [100, 200, 400, 800, 1600, 2000, 2000, 2000];
    private static readonly ServerUnavailable Passing = new("Reading $all", "nobody answers");

    [Fact]
    public async Task Pauses_double_up_to_two_seconds_and_are_shortened_at_random_by_up_to_half()
    {
        var first = new HashSet<TimeSpan>();
        for (var seed = 0; seed < 50; seed++)
        {
            var pauses = await PausesAsync(new Random(seed));

            pauses.Count.ShouldBe(LongestPauses.Length);
            for (var index = 0; index < pauses.Count; index++)
            {
                pauses[index].TotalMilliseconds.ShouldBeInRange(LongestPauses[index] / 2.0, LongestPauses[index]);
            }

            // Where the longest is reached, only chance tells one from the next.
            pauses.TakeLast(3).Distinct().Count().ShouldBe(3);
            first.Add(pauses[0]);
        }

        // So many readers of a server that comes back do not come at once, but over the whole time.
        first.Count.ShouldBeGreaterThan(40);
        first.Max().ShouldBeGreaterThan(TimeSpan.FromMilliseconds(90));
        first.Min().ShouldBeLessThan(TimeSpan.FromMilliseconds(60));
    }

    [Fact]
    public async Task Something_that_was_achieved_makes_the_pauses_short_again()
    {
        var time = new HeldTime();
        var again = new TryAgain(Options(time, new Random(1)) with { Retries = 2 });
        for (var round = 0; round < 3; round++)
        {
            (await PauseAsync(again, time)).TotalMilliseconds.ShouldBeInRange(50, 100);
            (await PauseAsync(again, time)).TotalMilliseconds.ShouldBeInRange(100, 200);
            again.Succeeded();
        }

        await PauseAsync(again, time);
        await PauseAsync(again, time);
        await Should.ThrowAsync<EventSourceUnavailable>(() => again.PauseAsync(Passing, CancellationToken.None));
    }

    private static async Task<List<TimeSpan>> PausesAsync(Random random)
    {
        var time = new HeldTime();
        var again = new TryAgain(Options(time, random));
        var pauses = new List<TimeSpan>();
        foreach (var _ in LongestPauses)
        {
            pauses.Add(await PauseAsync(again, time));
        }

        await Should.ThrowAsync<EventSourceUnavailable>(() => again.PauseAsync(Passing, CancellationToken.None));
        return pauses;
    }

    private static async Task<TimeSpan> PauseAsync(TryAgain again, HeldTime time)
    {
        var pausing = again.PauseAsync(Passing, CancellationToken.None);
        var timer = await time.NextTimerAsync();
        pausing.IsCompleted.ShouldBeFalse();
        timer.Fire();
        await pausing;
        return timer.Due;
    }

    private static EventStoreDbSourceOptions Options(TimeProvider time, Random random) =>
        new() { RetryPause = TimeSpan.FromMilliseconds(100), Retries = LongestPauses.Length, Time = time, Random = random };
}
