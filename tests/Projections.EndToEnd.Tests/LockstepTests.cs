using Npgsql;
using Projections.Catalog;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

public sealed class LockstepTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string BothSums =
        """
        select (select coalesce(sum(total), 0)::bigint from tally_v1), (select coalesce(sum(total), 0)::bigint from tally_v2),
               (select count(distinct (position_major, position_minor)) from projections.version where projection = 'tally')
        """;

    [PostgresFact]
    public async Task In_every_snapshot_the_tables_and_checkpoints_of_all_followed_versions_agree()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync(1_000);

        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token);
        var sums = new HashSet<long>();
        await using var connection = await world.Sql.OpenConnectionAsync();
        for (var look = 0; look < 2_000 || sums.Count < 50; look++)
        {
            await using var command = new NpgsqlCommand(BothSums, connection);
            await using var row = await command.ExecuteReaderAsync();
            await row.ReadAsync();
            row.GetInt64(1).ShouldBe(row.GetInt64(0));
            row.GetInt64(2).ShouldBe(1);
            sums.Add(row.GetInt64(0));
        }

        await stop.CancelAsync();
        var added = await adding;
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 1_000L + added);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(1_000L + added);
    }

    [PostgresFact]
    public async Task A_transaction_that_spans_a_switch_goes_on_seeing_the_state_of_its_snapshot()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync(1_000);

        await using var connection = await world.Sql.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        // Takes the snapshot, and no lock on the read name that would hold the switch up.
        var then = await ScalarAsync(connection, "select sum(total)::bigint from tally_v1");
        await world.AddAsync(TallyWorld.StreamOf(1), 7);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 1_007L);
        await World.SwitchAsync(system, "tally", 2);

        (await ScalarAsync(connection, "select sum(total)::bigint from tally")).ShouldBe(then);
        (await ScalarAsync(connection, "select count(biggest) from tally")).ShouldBe(100);
    }

    [PostgresFact]
    public async Task A_switch_waits_for_snapshots_from_before_the_version_was_complete_and_names_their_sessions()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(1_000);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);

        await using var report = await world.ConnectAsync("monthly report");
        var transaction = await report.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await ScalarAsync(report, "select count(*) from pg_class");
        await world.BuildAsync(system, "tally", 2);
        var refused = await Should.ThrowAsync<SwitchRefused>(
            World.SwitchAsync(system, "tally", 2, new SwitchCommand { Patience = TimeSpan.FromMilliseconds(300) }));
        refused.Failures.ShouldHaveSingleItem().Gate.ShouldBe("no-old-snapshot");
        refused.Message.ShouldContain("these sessions hold snapshots from before tally v2 was complete: ");
        refused.Message.ShouldContain("monthly report");

        var switching = World.SwitchAsync(system, "tally", 2);
        await transaction.DisposeAsync();
        (await switching).To.ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_switch_can_be_told_to_ignore_old_snapshots()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await using var connection = await world.Sql.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        await ScalarAsync(connection, "select count(*) from pg_class");
        await world.BuildAsync(system, "tally", 2);

        var switched = await World.SwitchAsync(system, "tally", 2, new SwitchCommand { IgnoreOldSnapshots = true });

        switched.To.ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_candidate_whose_handler_throws_drops_out_and_the_live_version_goes_on()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(1_000);
        var candidate = new TallyV2();
        var system = await world.OpenAsync(Projections.Definitions.ProjectionRegistry.Of(new TallyV1(), candidate));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);

        candidate.Folding = amount => _ = amount == 13 ? throw new InvalidOperationException("Thirteen is not allowed here.") : amount;
        var position = await world.AddAsync(TallyWorld.StreamOf(0), 13);
        await world.AddAsync(TallyWorld.StreamOf(0), 5);

        await world.EventuallyAsync("select sum(total)::bigint from tally_v1", 1_018L);
        var failed = await world.UntilAsync("tally", 2, version => version.State == VersionState.Failed, "failed");
        failed.FailurePosition!.Value.Major.ShouldBe(position);
        failed.Failure.ShouldBe(
            $"tally v2 stopped at position {position}: the event 'added' of stream '{TallyWorld.StreamOf(0)}' cannot be folded: InvalidOperationException: Thirteen is not allowed here.");
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(1_000);

        candidate.Folding = _ => { };
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(1_018);
    }

    [PostgresFact]
    public async Task A_candidate_that_crawls_drops_out_catches_up_on_its_own_and_comes_back()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(1_000);
        var candidate = new TallyV2();
        var system = await world.OpenAsync(
            Projections.Definitions.ProjectionRegistry.Of(new TallyV1(), candidate), options => options.CandidateShare = TimeSpan.FromMilliseconds(100));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);

        using var release = new ManualResetEventSlim();
        // Longer than the test would wait for the live version.
        candidate.Folding = amount => release.Wait(amount == 2 ? 2 * Deadline.Generous : TimeSpan.Zero);
        await world.AddAsync(TallyWorld.StreamOf(0), 2, 2, 2);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v1", 1_006L);
        var out1 = await world.UntilAsync("tally", 2, version => version.DropOuts > 0, "out of the lockstep");
        out1.State.ShouldBe(VersionState.CatchingUp);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(1_000);
        (await world.AuditAsync("tally", 2)).ShouldContain(entry =>
            entry.Contains("tally v2 took more than its share of time (100 ms) and dropped out of the lockstep; it catches up on its own."));

        candidate.Folding = _ => { };
        release.Set();
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(1_006);
    }

    private static async Task<long> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
