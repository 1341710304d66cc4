using Projections.PostgresEvents.Heads;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Heads;

public sealed class HighWaterMarkTests
{
    private static readonly Writer A = new("3/45", "a", IsChanging: false);
    private static readonly Writer B = new("4/12", "b", IsChanging: false);

    private readonly ManualTime _time = new();

    [Fact]
    public void Without_writers_everything_drawn_is_settled_at_once()
    {
        var mark = new HighWaterMark(TimeSpan.Zero, _time);

        mark.Observe(10, []);

        mark.Position.ShouldBe(10);
    }

    [Fact]
    public void A_transaction_that_is_handed_over_to_a_prepared_one_is_followed_through_all_its_ids()
    {
        var mark = new HighWaterMark(TimeSpan.Zero, _time);
        mark.Observe(10, [A]);

        mark.Observe(10, [new Writer("3/0", "a, between", IsChanging: true)]);
        mark.Position.ShouldBe(0);
        mark.Observe(10, [new Writer("-1/900", "a, prepared", IsChanging: true)]);
        mark.Position.ShouldBe(0);
        mark.Observe(10, []);

        mark.Position.ShouldBe(10);
    }

    [Fact]
    public void Prepared_transactions_that_come_later_are_not_waited_for_while_nobody_is_missing()
    {
        var mark = new HighWaterMark(TimeSpan.Zero, _time);
        mark.Observe(10, [A]);
        mark.Observe(12, [A, new Writer("5/7", "later", IsChanging: true)]);

        mark.Observe(12, [new Writer("5/7", "later", IsChanging: true)]);

        mark.Position.ShouldBe(10);
    }

    [Fact]
    public void A_later_writer_does_not_hold_back_what_was_drawn_before_it_began()
    {
        var mark = new HighWaterMark(TimeSpan.Zero, _time);
        mark.Observe(10, [A]);
        mark.Observe(12, [A, B]);

        mark.Observe(12, [B]);
        mark.Position.ShouldBe(10);
        mark.Observe(12, []);

        mark.Position.ShouldBe(12);
    }

    [Fact]
    public void With_a_grace_time_each_number_is_settled_that_long_after_it_was_first_seen_drawn()
    {
        var mark = new HighWaterMark(TimeSpan.FromSeconds(3), _time);
        mark.Observe(10, []);
        mark.Raise(5);
        _time.Advance(TimeSpan.FromSeconds(1));
        mark.Observe(20, []);
        mark.Position.ShouldBe(5);

        _time.Advance(TimeSpan.FromSeconds(2));
        mark.Observe(20, []);
        mark.Position.ShouldBe(10);
        _time.Advance(TimeSpan.FromSeconds(1));
        mark.Observe(20, []);

        mark.Position.ShouldBe(20);
    }
}
