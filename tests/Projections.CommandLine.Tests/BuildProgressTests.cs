using Projections.Catalog;
using Projections.Definitions;
using Projections.CommandLine.Terminal;
using Projections.Operations;

namespace Projections.CommandLine;

public sealed class BuildProgressTests
{
    private static readonly VersionSnapshot Replaying = new()
    {
        Id = new VersionId(new ProjectionName("invoice_summary"), 2),
        Phase = VersionPhase.Replaying,
        State = VersionState.Replaying,
        EventsDone = 100_000,
        EventsInProgress = 24_000,
        EventsTotal = 200_000,
        EventsPerSecond = 1_000,
    };

    [Fact]
    public void Progress_tells_events_done_of_how_many_rate_and_time_left() =>
        new BuildProgress(Replaying, null).Numbers.ShouldBe("62 %  124,000 of 200,000 events, 1,000/s, 76 s left");

    [Fact]
    public void A_number_that_was_estimated_is_told_as_about_so_many()
    {
        new BuildProgress(Replaying with { EventsTotalIsAbout = true }, null).Numbers.ShouldBe("62 %  124,000 of about 200,000 events, 1,000/s, 76 s left");
        new BuildProgress(Replaying, new Lag(12, TimeSpan.FromSeconds(3), IsAbout: true)).Numbers.ShouldEndWith("lag about 12 events (3 s)");
    }

    [Fact]
    public void Progress_tells_what_is_being_done() =>
        new BuildProgress(Replaying with { Activity = "creating indexes" }, null).Doing.ShouldBe("replaying, creating indexes");

    [Fact]
    public void An_estimate_that_was_too_low_is_shown_neither_as_a_total_nor_as_a_share()
    {
        var progress = new BuildProgress(Replaying with { EventsTotal = 90_000 }, null);

        progress.Share.ShouldBeNull();
        progress.Numbers.ShouldBe("124,000 events, 1,000/s");
    }

    [Fact]
    public void Nothing_is_said_of_a_share_before_anybody_has_counted() =>
        new BuildProgress(Replaying with { EventsTotal = null, EventsPerSecond = null }, null).Numbers.ShouldBe("124,000 events");

    [Fact]
    public void A_version_that_is_ready_shows_its_lag()
    {
        var ready = Replaying with { State = VersionState.Ready, EventsInProgress = 0, EventsDone = 200_000 };

        new BuildProgress(ready, new Lag(0, TimeSpan.Zero)).Numbers.ShouldBe("100 %  200,000 of 200,000 events, no lag");
        new BuildProgress(ready, new Lag(12, TimeSpan.FromSeconds(3), IsAtLeast: true)).Numbers.ShouldEndWith("lag at least 12 events (3 s)");
        new BuildProgress(ready, new Lag(12, TimeSpan.FromSeconds(3))).Numbers.ShouldEndWith("lag 12 events (3 s)");
    }
}
