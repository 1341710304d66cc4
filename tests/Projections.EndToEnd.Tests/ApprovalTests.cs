using Projections.Catalog;
using Projections.Commands;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Reports;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>A switch that takes two people.</summary>
public sealed class ApprovalTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly SwitchCommand Switch = new() { Projection = TallyWorld.Tally, To = 1, Why = "it is right" };

    [PostgresFact]
    public async Task One_person_asks_and_another_confirms_by_asking_for_the_same()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await ReadyAsync(world);

        var first = await RefusedAsync(system, Switch, "ana");
        first.ShouldContain("approval: it takes two people, and ana asked for it at ");
        first.ShouldContain("(it is right). Somebody else has to give the same command, within 24 hours of the first.");
        (await RefusedAsync(system, Switch, "Ana")).ShouldContain("ana asked for it", Case.Sensitive, "the same person is not another");
        (await RefusedAsync(system, Switch with { AllowSmaller = true }, "bo")).ShouldContain("ana asked for it", Case.Sensitive, "they do not want the same");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.switch")).ShouldBe(0);

        (await Switch.RunAsync(system, new CommandContext("bo"), CancellationToken.None)).AlreadyDone.ShouldBeFalse();

        var history = await HistoryReport.ReadAsync(system.Catalog, TallyWorld.Tally, 50, CancellationToken.None);
        var line = history.Switches.Single();
        (line.Who, line.AskedBy).ShouldBe(("bo", "ana"));
        history.Commands.Where(command => command.Command == "switch").Select(command => (command.Who, command.Outcome)).ShouldBe(
            [("bo", "switched to v1"), ("ana", "asked for a switch to v1, which takes two people")]);
    }

    [PostgresFact]
    public async Task A_worker_is_nobody_and_what_was_asked_for_long_ago_counts_no_more()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await ReadyAsync(world, switchWhenReady: true);

        // The worker's own attempt was refused, and asked nobody for anything.
        await world.UntilAsync("tally", 1, version => version is { State: VersionState.Ready, SwitchWhenReady: false }, "given up");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.switch_request")).ShouldBe(0);
        await RefusedAsync(system, Switch, "ana");
        await world.Database.ExecuteAsync("update projections.switch_request set at = at - interval '25 hours'");

        (await RefusedAsync(system, Switch, "bo")).ShouldContain("bo asked for it");
        (await Switch.RunAsync(system, new CommandContext("ana"), CancellationToken.None)).AlreadyDone.ShouldBeFalse();
    }

    [PostgresFact]
    public async Task A_rollback_takes_one_person()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await ReadyAsync(world);
        await BothAsync(system, 1);
        await world.BuildAsync(system, "tally", 2);
        await BothAsync(system, 2);

        (await new RollbackCommand { Projection = TallyWorld.Tally }.RunAsync(system, new CommandContext("ana"), CancellationToken.None)).To.ShouldBe(1);
    }

    private static async Task<ProjectionSystem> ReadyAsync(World world, bool switchWhenReady = false)
    {
        await world.SeedTalliesAsync(50);
        var system = await world.OpenAsync(TallyWorld.Both, options => options.RequireApproval = "invoice_*, tal*");
        world.Start(system);
        await new RebuildCommand { Projection = TallyWorld.Tally, To = 1, SwitchWhenReady = switchWhenReady }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        await world.EventuallyAsync("select count(*) from projections.version where phase = 'following' and joined_at is null", 0L);
        return system;
    }

    private static async Task BothAsync(ProjectionSystem system, int to)
    {
        await RefusedAsync(system, Switch with { To = to }, "ana");
        await (Switch with { To = to }).RunAsync(system, new CommandContext("bo"), CancellationToken.None);
    }

    private static async Task<string> RefusedAsync(ProjectionSystem system, SwitchCommand command, string who) =>
        (await Should.ThrowAsync<SwitchRefused>(() => command.RunAsync(system, new CommandContext(who), CancellationToken.None))).Message;
}
