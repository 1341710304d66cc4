using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>Every gate that can refuse a switch, with its message.</summary>
public sealed class SwitchGateTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_version_that_was_never_built_is_refused()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await world.OpenAsync(TallyWorld.Both);

        await RefusedAsync(
            system,
            1,
            "known: there is no tally v1 in the catalog. Build it first with 'projections rebuild tally --to 1'.");
    }

    [PostgresFact]
    public async Task A_version_that_has_not_caught_up_is_refused_with_its_state_and_position()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(TallyWorld.Both);
        await World.AskToBuildAsync(system, "tally", 1);

        await RefusedAsync(system, 1, "caught-up: tally v1 is planned (no checkpoint yet). Wait until it is ready, or run 'projections abort tally'.");

        world.Start(system);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        await new PauseCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await RefusedAsync(system, 1, "caught-up: tally v1 is paused (position 500 of 500). Run 'projections resume tally'.");

        await new AbortCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await RefusedAsync(system, 1, "caught-up: tally v1 is retired (no checkpoint yet). Its table is gone; run 'projections rebuild tally --to 1'.");
    }

    [PostgresFact]
    public async Task A_version_that_failed_is_refused_with_its_reason()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(10);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1 { Folding = _ => throw new FormatException("No.") }));
        world.Start(system);
        await World.AskToBuildAsync(system, "tally", 1);
        await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed");

        await RefusedAsync(
            system,
            1,
            $"caught-up: tally v1 is failed (no checkpoint yet). Mend the cause (tally v1 stopped at position 1: the event 'added' of stream '{TallyWorld.StreamOf(0)}' cannot be folded: FormatException: No.), then run 'projections resume tally'.");
    }

    [PostgresFact]
    public async Task A_version_that_nobody_follows_any_more_is_refused_with_its_lag()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await world.BuildBothTalliesAsync();
        await world.StopAsync(worker);
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.Database.ExecuteAsync("update events.mt_events set timestamp = now() - interval '1 minute' where seq_id = 501");

        var refused = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 2));

        refused.Failures.ShouldHaveSingleItem().ToString().ShouldMatch(
            @"^caught-up: tally v2 lags 6\d s behind the safe head, more than the 10 s allowed. Start a worker \('projections run'\) or wait until it has caught up.$");
    }

    [PostgresFact]
    public async Task A_table_that_was_changed_by_hand_is_refused_column_by_column()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync("alter table tally_v2 add column note text, alter column biggest drop not null");

        var refused = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 2));

        var failure = refused.Failures.ShouldHaveSingleItem();
        failure.Gate.ShouldBe("row-type-matches");
        failure.Problem.ShouldStartWith("tally_v2 is not what the handler's row type says. ");
        failure.Problem.ShouldContain("note");
        failure.Problem.ShouldContain("biggest");
        failure.WayOut.ShouldBe("Put the table back as projections/Tally/V2/table.sql has it, or build a new version.");
    }

    [PostgresFact]
    public async Task An_invalid_index_is_refused_by_name()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync("update pg_index set indisvalid = false where indexrelid = 'tally_v2_biggest'::regclass");

        await RefusedAsync(
            system,
            2,
            "indexes-valid: tally_v2_biggest of tally_v2 is not valid, so readers would not be served by it. Run 'REINDEX INDEX CONCURRENTLY tally_v2_biggest'.");
    }

    [PostgresFact]
    public async Task Old_statistics_are_refreshed_rather_than_refused()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync("update pg_class set reltuples = -1 where oid = 'tally_v2'::regclass");

        (await World.SwitchAsync(system, "tally", 2)).To.ShouldBe(2);

        (await world.Database.ScalarAsync<float>("select reltuples from pg_class where oid = 'tally_v2'::regclass")).ShouldBe(100);
    }

    [PostgresFact]
    public async Task A_version_that_is_far_smaller_is_refused_unless_that_is_declared()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync("delete from tally_v2 where id not in (select id from tally_v2 order by id limit 10)");

        await RefusedAsync(
            system,
            2,
            "not-smaller: tally_v2 has 10 rows and the live tally_v1 has 100; less than 0.5 of the live rows is suspicious. If that is meant, say so with '--allow-smaller', or by SmallestShareOfLive in projections/Tally/V2.");
        (await World.SwitchAsync(system, "tally", 2, new SwitchCommand { AllowSmaller = true })).To.ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_contract_that_the_version_cannot_keep_is_refused_by_column()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await World.SwitchAsync(system, "tally", 2);

        await RefusedAsync(
            system,
            1,
            "contract-kept: tally_v1 cannot show the columns that readers of 'tally' have now: biggest is missing. Add them to a new version, or switch without '--keep-contract' when no reader needs them.",
            new SwitchCommand { KeepContract = true });
    }

    [PostgresFact]
    public async Task Objects_that_stand_on_a_read_name_that_must_be_recreated_are_listed()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await World.SwitchAsync(system, "tally", 2);
        await world.Database.ExecuteAsync("create view big_tallies as select id, biggest from tally where biggest > 100");

        await RefusedAsync(
            system,
            1,
            "no-dependants: the view 'tally' must be dropped and created anew (biggest goes), but these depend on it: view big_tallies. Drop them first and create them again afterwards, or keep the columns with '--keep-contract'.");
    }

    [PostgresFact]
    public async Task A_plain_table_under_the_read_name_is_to_be_adopted_first()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(10);
        await world.Database.ExecuteAsync("create table tally (id uuid)");
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAsync(system, "tally", 1);

        await RefusedAsync(
            system, 1, "no-dependants: 'tally' is a table, not the view that a switch needs. Take it over first with 'projections adopt tally'.");
    }

    [PostgresFact]
    public async Task All_shut_gates_are_told_at_once()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync("truncate tally_v2; update pg_index set indisvalid = false where indexrelid = 'tally_v2_biggest'::regclass");

        var refused = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 2));

        refused.Failures.Select(failure => failure.Gate).ShouldBe(["indexes-valid", "statistics-fresh", "not-smaller"]);
        (await world.Database.ScalarAsync<long>("select count(*) from tally")).ShouldBe(100);
    }

    [PostgresFact]
    public async Task A_rollback_with_nothing_to_go_back_to_is_refused()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();

        var refused = await Should.ThrowAsync<OperationRefused>(
            new RollbackCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None));

        refused.Message.ShouldBe("Cannot roll back 'tally': no version that was live before is left.");
    }

    [PostgresFact]
    public async Task What_is_live_or_used_by_others_is_not_retired()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var live = await Should.ThrowAsync<OperationRefused>(new RetireCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None));
        live.Message.ShouldBe("Cannot retire tally v1: the read name 'tally' points to it. Switch to another version first.");

        await World.SwitchAsync(system, "tally", 2);
        await world.Database.ExecuteAsync("create view old_tallies as select * from tally_v1");
        var used = await Should.ThrowAsync<OperationRefused>(new RetireCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None));
        used.Message.ShouldBe("Cannot retire tally v1: view old_tallies depends on its table tally_v1. Drop or change it first.");
        (await world.Database.ScalarAsync<bool>("select to_regclass('tally_v1') is not null")).ShouldBeTrue();
    }

    private static async Task RefusedAsync(ProjectionSystem system, int version, string failure, SwitchCommand? options = null)
    {
        var refused = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", version, options));
        refused.Message.ShouldBe($"Cannot switch 'tally' to v{version}:{Environment.NewLine}  {failure}");
    }
}
