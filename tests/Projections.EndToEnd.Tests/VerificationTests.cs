using Projections.Commands;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.InvoiceSummary.V2;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;

namespace Projections.EndToEnd;

public sealed class VerificationTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_hundred_comparisons_under_a_flow_of_events_find_no_difference()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token);
        var opening = KeepOpeningAsync(world, stop.Token);

        var positions = new HashSet<Projections.Events.EventPosition?>();
        for (var run = 0; run < 100; run++)
        {
            var report = await VerifyAsync(system);
            report.Result.Agrees.ShouldBeTrue();
            report.Result.Equal.ShouldBeGreaterThanOrEqualTo(100);
            report.Result.RowsOfLater.ShouldBe(report.Result.RowsOfEarlier, "the two were seen at different moments");
            positions.Add(report.Position);
        }

        await stop.CancelAsync();
        (await adding).ShouldBeGreaterThan(0);
        await opening;
        positions.Count.ShouldBeGreaterThan(10);
    }

    [PostgresFact]
    public async Task Ranges_of_keys_that_are_compared_one_after_the_other_under_a_flow_of_events_find_no_difference()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await AddRowsByHandAsync(world);
        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token);
        var opening = KeepOpeningAsync(world, stop.Token);

        var whileEventsCame = 0;
        for (var run = 0; run < 10; run++)
        {
            var report = await InSmallRangesAsync(system);
            report.Result.Agrees.ShouldBeTrue();
            report.Result.Equal.ShouldBeGreaterThanOrEqualTo(100 + ByHand);
            whileEventsCame += report.Since < report.Position ? 1 : 0;
        }

        await stop.CancelAsync();
        (await adding).ShouldBeGreaterThan(0);
        await opening;
        whileEventsCame.ShouldBeGreaterThan(0, "each comparison saw one position only");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.comparison")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_comparison_that_was_broken_off_is_taken_up_behind_the_last_range()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await AddRowsByHandAsync(world);
        await BreakOffAsync(world);
        var begun = await world.ColumnAsync("select at::text from projections.comparison");
        // What was compared already is not looked at again: this is not found before the next comparison.
        await world.Database.ExecuteAsync("update tally_v2 set total = total + 1 where id = (select id from tally_v2 order by id limit 1)");

        (await InSmallRangesAsync(system)).Result.Agrees.ShouldBeTrue("it was begun anew");

        (await world.ColumnAsync("select at::text from projections.verification")).ShouldBe(begun);
        (await InSmallRangesAsync(system)).Result.Differing.ShouldBe(1);
    }

    [PostgresFact]
    public async Task A_comparison_that_was_broken_off_before_rows_were_repaired_is_begun_anew()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await AddRowsByHandAsync(world);
        var first = TallyWorld.StreamOf(0);
        await world.Database.ExecuteAsync($"update tally_v2 set total = total + 1 where id = '{first}'");
        await BreakOffAsync(world);
        await new Repair(system).RunAsync(TallyWorld.Tally, 2, new RepairScope { Keys = [$"{first}"] }, World.Anybody, null, CancellationToken.None);

        (await InSmallRangesAsync(system)).Result.Agrees.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_range_that_would_take_too_long_is_compared_in_parts()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await AddRowsByHandAsync(world);
        await world.Database.ExecuteAsync($"update tally_v2 set total = total + 1 where id = '{TallyWorld.StreamOf(3)}'");

        var result = (await InSmallRangesAsync(system, SmallRanges with { FirstParts = 1_000, Limit = TimeSpan.Zero })).Result;

        (result.Equal, result.Differing).ShouldBe((100 + ByHand - 1, 1));
    }

    [PostgresFact]
    public async Task A_switch_that_requires_it_takes_place_only_after_a_comparison_without_differences()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var options = new SwitchCommand { RequireVerified = true };

        var refused = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 2, options));
        refused.Failures.ShouldHaveSingleItem().ToString().ShouldBe(
            "verified: tally_v1 and tally_v2 have not been compared since they were built by the handlers that they have now. Run 'projections verify tally --from 1 --to 2'.");

        await world.Database.ExecuteAsync($"update tally_v2 set total = total + 1 where id = '{TallyWorld.StreamOf(3)}'");
        (await VerifyAsync(system)).Result.Differing.ShouldBe(1);
        (await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 2, options))).Message.ShouldContain("tally_v1 and tally_v2 differed");

        await world.Database.ExecuteAsync($"update tally_v2 set total = total - 1 where id = '{TallyWorld.StreamOf(3)}'");
        (await VerifyAsync(system)).Result.Agrees.ShouldBeTrue();
        (await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 2, options with { VerifiedWithin = TimeSpan.FromMilliseconds(1) })))
            .Message.ShouldContain("agreed when they were last compared, but that is");
        (await World.SwitchAsync(system, "tally", 2, options)).To.ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_comparison_of_a_table_that_was_built_anew_since_proves_nothing()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        (await VerifyAsync(system)).Result.Agrees.ShouldBeTrue();
        await new AbortCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BuildAsync(system, "tally", 2);

        var refused = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 2, new SwitchCommand { RequireVerified = true }));

        refused.Failures.ShouldHaveSingleItem().Problem.ShouldContain("have not been compared since they were built");
    }

    [PostgresFact]
    public async Task Versions_at_different_positions_are_not_compared()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.LeaveBehindAsync(system);

        var refused = await Should.ThrowAsync<OperationRefused>(
            new Verify(system).RunAsync(TallyWorld.Tally, 1, 2, TimeSpan.FromMilliseconds(1), World.Anybody, CancellationToken.None));

        refused.Message.ShouldContain("v2 (paused) at");
        refused.Message.ShouldContain("rows can be compared only at the same position");
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        (await VerifyAsync(system)).Result.Agrees.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_comparison_is_recorded_with_who_asked()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();

        var report = await VerifyAsync(system);

        report.Result.LeftOut.ShouldHaveSingleItem().ShouldBe(new ColumnLeftOut("biggest", "new"));
        (await world.ColumnAsync("select concat_ws(' ', earlier, later, position_major, agrees, who, why) from projections.verification"))
            .ShouldBe([$"1 2 {report.Position} t test because"]);
    }

    [PostgresFact]
    public async Task What_a_version_declares_to_be_meant_is_no_difference_and_everything_else_is()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(1_000, corrections: 300);
        var system = await world.OpenAsync(Projections.Definitions.ProjectionRegistry.Of(new InvoiceSummaryV1(), new InvoiceSummaryV2()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "invoice_summary", 1);
        await world.BuildAsync(system, "invoice_summary", 2);
        var credited = await world.Database.ScalarAsync<long>("select count(distinct stream_id) from events.mt_events where type = 'credit_note_issued'");
        (await world.Database.ScalarAsync<long>("select count(*) from invoice_summary_v1 e join invoice_summary_v2 l using (invoice_id) where e.net <> l.net")).ShouldBe(credited);
        credited.ShouldBeGreaterThan(50);

        var report = await VerifyAsync(system, "invoice_summary");
        report.Result.DifferingByColumn.ShouldBeEmpty();
        report.Result.Agrees.ShouldBeTrue();
        report.Result.LeftOut.Single(column => column.Name == "net").Why.ShouldBe("declared to have another meaning");

        await world.Database.ExecuteAsync("update invoice_summary_v1 set tax = tax + 0.004 where number = 'R-00000007'; update invoice_summary_v2 set tax = tax + 0.01 where number = 'R-00000008'");
        var wrong = (await VerifyAsync(system, "invoice_summary")).Result;
        wrong.DifferingByColumn.ShouldBe(new Dictionary<string, long> { ["tax"] = 1 });
    }

    private const int ByHand = 3_000;

    private static ComparisonPace SmallRanges => new() { SampledShare = 1, SampledPagesAPart = 1, FirstParts = 1, Limit = TimeSpan.FromMilliseconds(1) };

    /// <summary>Rows that no event is about, so that the tables have some pages.</summary>
    private static Task AddRowsByHandAsync(World world) => world.Database.ExecuteAsync(
        $"""
        insert into tally_v1 (id, total, events) select md5(i::text)::uuid, i, 1 from generate_series(1, {ByHand}) i;
        insert into tally_v2 (id, total, events, biggest) select md5(i::text)::uuid, i, 1, i from generate_series(1, {ByHand}) i
        """);

    /// <summary>A comparison whose process is gone when some ranges are done and others not.</summary>
    private static async Task BreakOffAsync(World world)
    {
        var slow = await world.OpenAsync(TallyWorld.Both, options => options.ComparisonRest = TimeSpan.FromHours(1));
        using var death = new CancellationTokenSource();
        var dying = InSmallRangesAsync(slow, death.Token);
        await world.EventuallyAsync("select count(*) from projections.comparison", 1L);
        await death.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(dying);
    }

    private static Task<VerificationReport> InSmallRangesAsync(ProjectionSystem system, CancellationToken cancellationToken = default) =>
        InSmallRangesAsync(system, SmallRanges, cancellationToken);

    private static Task<VerificationReport> InSmallRangesAsync(ProjectionSystem system, ComparisonPace pace, CancellationToken cancellationToken = default) =>
        new Verify(system) { Pace = pace }.RunAsync(TallyWorld.Tally, 1, 2, Deadline.Generous, World.Anybody, cancellationToken);

    private static async Task KeepOpeningAsync(World world, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await world.AddAsync(Guid.NewGuid(), 1);
        }
    }

    private static Task<VerificationReport> VerifyAsync(ProjectionSystem system, string projection) =>
        new Verify(system).RunAsync(new(projection), null, null, TimeSpan.FromSeconds(30), World.Anybody, CancellationToken.None);

    private static Task<VerificationReport> VerifyAsync(ProjectionSystem system) =>
        new Verify(system).RunAsync(TallyWorld.Tally, null, null, TimeSpan.FromSeconds(30), World.Anybody, CancellationToken.None);
}
