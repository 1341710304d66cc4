using Projections.Catalog;
using Projections.Checks;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Reports;
using Projections.Tables;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>A release in which one declaration is wrong.</summary>
public sealed class DeclarationTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_wrong_declaration_keeps_nobody_from_working_with_the_other_versions_and_projections()
    {
        await using var world = await World.CreateAsync(postgres);
        var (_, worker) = await world.BuildBothTalliesAsync();
        await world.StopAsync(worker);

        // The next release brings a v3 that has a number too many, and another projection whose handler is declared wrongly.
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new TallyV2(), new Unsound("tally", 3), new Unsound("orders", 1), new NumberedTally(1)));
        world.Start(system);

        await world.AddAsync(TallyWorld.StreamOf(1), 7);
        await world.EventuallyAsync("select sum(total)::bigint from tally", 507L);
        await world.BuildAndSwitchAsync(system, NumberedTally.NameOf(1), 1);
        (await World.SwitchAsync(system, "tally", 2)).To.ShouldBe(2);
        (await new RollbackCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None)).To.ShouldBe(1);
        await new PauseCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 2, VersionState.Standby);
        var reports = await ProjectionReport.ReadAsync(system, null, CancellationToken.None);
        reports.Select(report => report.Projection.Value).ShouldBe([NumberedTally.NameOf(1), "orders", "tally"], ignoreOrder: true);
        reports.Single(report => report.Projection == TallyWorld.Tally).Errors.ShouldBe([$"tally v3: {Unsound.Problem}"]);
        reports.Single(report => report.Projection == TallyWorld.Tally).Known.ShouldBe([1, 2]);
        reports.Single(report => report.Projection.Value == "orders").Errors.ShouldBe([$"orders v1: {Unsound.Problem}"]);

        var refused = await Should.ThrowAsync<OperationRefused>(() => World.AskToBuildAsync(system, "tally", 3));
        refused.Message.ShouldBe($"Cannot rebuild 'tally': something is wrong with its declaration in this program. tally v3: {Unsound.Problem}");
        refused.IsMistake.ShouldBeFalse();
    }

    [PostgresFact]
    public async Task A_live_version_that_a_release_declares_wrongly_is_told_as_broken_for_that_reason()
    {
        await using var world = await World.CreateAsync(postgres);
        var (_, worker) = await world.BuildBothTalliesAsync();
        await world.StopAsync(worker);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new Unsound("tally", 1), new TallyV2()));

        var check = await new CheckCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);

        check.Versions.Single(version => version.Version.Number == 1).Findings.ShouldContain(new Finding(
            "declared",
            Verdict.Broken,
            $"The declaration of tally v1 in this program is wrong. tally v1: {Unsound.Problem}",
            "Mend it and start the workers anew, or start them from the release before."));
        check.Versions.Single(version => version.Version.Number == 2).Findings.ShouldBeEmpty();
    }

    /// <summary>A version whose declaration throws.</summary>
    private sealed class Unsound(string projection, int number) : TableProjection<Guid, TallyV1.Row>(projection, number, TallyEvents.Types)
    {
        public const string Problem = "Its declaration failed: NotSupportedException: Not yet.";

        public override VersionFiles Files => new("", "", null, "", "");

        protected override void Define(FoldDefinition<Guid, TallyV1.Row> on) => throw new NotSupportedException("Not yet.");
    }
}
