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

        ranges.ShouldBe(["..30", "30..60", "60..90", "90.."]);
    }

    [Fact]
    public void A_walk_that_goes_on_begins_behind_the_key_it_had_come_to()
    {
        var walk = new KeyWalk(["0.5"], Boundaries, 200, TimeSpan.FromSeconds(1));

        Walk(walk, TimeSpan.FromSeconds(1)).ShouldBe(["0.5.."]);
    }

    [Fact]
    public void Quick_ranges_grow_by_four_at_most_and_slow_ones_shrink_to_what_takes_as_long_as_is_meant()
    {
        var walk = new KeyWalk(null, Boundaries, 1, TimeSpan.FromSeconds(1));

        walk.Advance(TimeSpan.FromMilliseconds(1));
        Text(walk.Next).ShouldBe("1..5");
        walk.Advance(TimeSpan.FromMilliseconds(500));
        Text(walk.Next).ShouldBe("5..13");
        walk.Advance(TimeSpan.FromSeconds(4));
        Text(walk.Next).ShouldBe("13..15");
    }

    [Fact]
    public void A_range_is_divided_down_to_a_single_part()
    {
        var walk = new KeyWalk(null, Boundaries, int.MaxValue, TimeSpan.FromSeconds(1));

        walk.Divide();
        Text(walk.Next).ShouldBe("..25");
        walk.Divide();
        walk.Divide();
        Text(walk.Next).ShouldBe("..1");
        walk.CanDivide.ShouldBeFalse();
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
