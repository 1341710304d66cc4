using Projections.Replay;

namespace Projections.Tests.Replay;

public sealed class ReaderGuardTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(5);

    private readonly ReaderGuard _guard = new(Limit);

    [Fact]
    public void As_long_as_no_reader_waits_too_long_there_is_no_limit()
    {
        _guard.Observe(Limit, rate: 500_000);

        _guard.PerSecond.ShouldBeNull();
    }

    [Fact]
    public void A_read_that_takes_too_long_slows_the_replay_down_from_where_it_is()
    {
        _guard.Observe(Limit * 2, rate: 500_000);

        _guard.PerSecond.ShouldNotBeNull().ShouldBeInRange(200_000, 400_000);
    }

    [Fact]
    public void However_long_readers_wait_the_replay_goes_on()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _guard.Observe(Limit * 2, _guard.PerSecond);
        }

        _guard.PerSecond.ShouldBe(ReaderGuard.LeastRate);
    }

    [Fact]
    public void When_readers_no_longer_wait_the_rate_rises_with_what_is_used_of_it()
    {
        _guard.Observe(Limit * 2, rate: 100_000);
        var slowed = _guard.PerSecond!.Value;

        for (var i = 0; i < 1_000; i++)
        {
            _guard.Observe(Limit / 2, rate: slowed);
        }

        _guard.PerSecond.ShouldNotBeNull().ShouldBeInRange(slowed + 1, slowed * 2, "more than is used need not be allowed");
    }

    /// <summary>A machine on which readers wait in the share of reads that grows with the rate.</summary>
    [Fact]
    public void It_settles_where_about_one_read_in_a_hundred_takes_too_long()
    {
        var random = new Random(1);
        var (rate, late, reads) = (1_000_000.0, 0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            // At 200,000 events a second one read in a hundred is late; at twice that, two.
            var isLate = random.NextDouble() < rate / 20_000_000;
            _guard.Observe(isLate ? Limit * 2 : Limit / 2, rate);
            rate = _guard.PerSecond ?? rate;
            (late, reads) = i < 2_000 ? (0, 0) : (late + (isLate ? 1 : 0), reads + 1);
        }

        ((double)late / reads).ShouldBeInRange(0.005, 0.013);
    }
}
