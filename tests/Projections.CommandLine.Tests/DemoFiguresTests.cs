using Projections.CommandLine.Demo;

namespace Projections.CommandLine;

public sealed class DemoFiguresTests
{
    private static readonly DemoFigures Clean = new([], [], 10, 1000, 0, 0, TimeSpan.FromMilliseconds(3), VersionsAgree: true, null);

    [Fact]
    public void A_demo_counts_as_clean_only_without_failed_and_stale_reads_and_with_versions_that_agree()
    {
        Clean.IsClean.ShouldBeTrue();
        (Clean with { FailedReads = 1 }).IsClean.ShouldBeFalse();
        (Clean with { StaleReads = 1 }).IsClean.ShouldBeFalse();
        (Clean with { VersionsAgree = false }).IsClean.ShouldBeFalse();
    }

    [Fact]
    public void The_longest_read_is_kept_for_good_and_the_longest_lately_until_it_is_taken()
    {
        var figures = new ReadFigures();
        figures.Served(TimeSpan.FromMilliseconds(30));
        figures.Served(TimeSpan.FromMilliseconds(10));

        figures.TakeLongestLately().TotalMilliseconds.ShouldBe(30, tolerance: 0.1);
        figures.Served(TimeSpan.FromMilliseconds(20));
        figures.TakeLongestLately().TotalMilliseconds.ShouldBe(20, tolerance: 0.1);
        figures.Longest.TotalMilliseconds.ShouldBe(30, tolerance: 0.1);
        figures.Reads.ShouldBe(3);
    }
}
