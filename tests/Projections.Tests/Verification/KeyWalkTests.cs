using Projections.Verification;

namespace Projections.Tests.Verification;

public sealed class KeyWalkTests
{
    private static readonly string[][] Boundaries = [.. Enumerable.Range(1, 99).Select(number => new[] { $"{number}" })];

    [Fact]
    public void Ranges_follow_one_another_from_the_beginning_to_the_end()
    {
        var walk = new KeyWalk(null, Boundaries, 30, TimeSpan.FromSeconds(1));

        var ranges = Walk(walk, TimeSpan.FromSeconds(1));

        ranges.ShouldBe(["..30", "30.."]);
    }

    [Fact]
    public void A_walk_that_goes_on_begins_behind_the_key_it_had_come_to()
    {
        var walk = new KeyWalk(["0.5"], Boundaries, 200, TimeSpan.FromSeconds(1));

        Walk(walk, TimeSpan.FromSeconds(1)).ShouldBe(["0.5.."]);
    }

    [Fact]
    public void The_second_range_is_larger_and_those_behind_it_take_as_long_as_is_meant()
    {
        var walk = new KeyWalk(null, Boundaries, 1, TimeSpan.FromSeconds(10));

        // A second for any range, and one for each part.
        walk.Advance(TimeSpan.FromSeconds(2));
        Text(walk.Next).ShouldBe("1..5");
        walk.Advance(TimeSpan.FromSeconds(5));
        Text(walk.Next).ShouldBe("5..14");
        walk.Advance(TimeSpan.FromSeconds(10));
        Text(walk.Next).ShouldBe("14..23");
    }

    [Fact]
    public void Where_ranges_cost_as_much_however_small_they_are_the_rest_is_compared_at_once()
    {
        var walk = new KeyWalk(null, Boundaries, 4, TimeSpan.FromSeconds(4));

        walk.Advance(TimeSpan.FromSeconds(2.9));
        walk.TakesTheRest.ShouldBeFalse();
        walk.Advance(TimeSpan.FromSeconds(3.2));

        walk.TakesTheRest.ShouldBeTrue();
        Text(walk.Next).ShouldBe("20..");
    }

    [Fact]
    public void A_range_that_takes_too_long_is_divided_as_long_as_that_helps()
    {
        var walk = new KeyWalk(null, Boundaries, 64, TimeSpan.FromSeconds(4));

        walk.GiveUp(TimeSpan.FromSeconds(5));
        Text(walk.Next).ShouldBe("..16");
        walk.GiveUp(TimeSpan.FromSeconds(5));

        walk.TakesTheRest.ShouldBeTrue();
    }

    [Fact]
    public void A_range_is_divided_until_it_can_be_searched_and_the_next_one_is_as_large()
    {
        var walk = new KeyWalk(null, Boundaries, int.MaxValue, TimeSpan.FromSeconds(1));

        walk.IsTooLargeToSearch.ShouldBeTrue();
        walk.Divide();
        walk.Divide();
        walk.IsTooLargeToSearch.ShouldBeFalse();
        Text(walk.Next).ShouldBe("..6");
        walk.Pass();

        Text(walk.Next).ShouldBe("6..12");
    }

    private static List<string> Walk(KeyWalk walk, TimeSpan took)
    {
        var ranges = new List<string>();
        while (!walk.IsOver)
        {
            ranges.Add(Text(walk.Next));
            walk.Advance(took);
        }

        return ranges;
    }

    private static string Text(KeyRange range) => $"{range.After?[0]}..{range.Through?[0]}";
}
