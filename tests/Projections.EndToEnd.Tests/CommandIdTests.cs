using Projections.Catalog;
using Projections.Checks;
using Projections.Commands;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;
using Projections.WorkOrders;

namespace Projections.EndToEnd;

/// <summary>Commands that come a second time, and ids that come with another command.</summary>
public sealed class CommandIdTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task An_abort_that_is_delivered_again_drops_the_table_that_the_first_delivery_had_not_dropped_yet()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await world.BuildBothTalliesAsync();
        await world.StopAsync(worker);
        var abort = new CommandContext("ana", Guid.NewGuid());
        // A reader of the candidate keeps its table from being dropped; whoever aborts it is stopped over that.
        await using (var reader = await world.ConnectAsync("report"))
        {
            await using var reading = await reader.BeginTransactionAsync();
            await using var read = new Npgsql.NpgsqlCommand("select count(*) from tally_v2", reader);
            await read.ExecuteScalarAsync();
            using var stopped = new CancellationTokenSource();
            var first = new AbortCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, abort, stopped.Token);
            await world.EventuallyAsync("select count(*) from projections.command where verb = 'abort'", 1L);
            await stopped.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(first);
        }

        (await world.Database.ScalarAsync<bool>("select to_regclass('tally_v2') is not null")).ShouldBeTrue();

        var second = await new AbortCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, abort, CancellationToken.None);

        (second.AlreadyDone, second.Version.Number).ShouldBe((true, 2));
        (await world.Database.ScalarAsync<bool>("select to_regclass('tally_v2') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task An_abort_that_is_delivered_again_later_leaves_a_version_alone_that_was_rebuilt_since()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var abort = new CommandContext("ana", Guid.NewGuid());
        await new AbortCommand { Projection = TallyWorld.Tally }.RunAsync(system, abort, CancellationToken.None);
        await world.BuildAsync(system, "tally", 2);

        var again = await new AbortCommand { Projection = TallyWorld.Tally }.RunAsync(system, abort, CancellationToken.None);

        (again.AlreadyDone, again.Outcome).ShouldBe((true, "tally v2 was aborted and its table dropped."));
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(500);
        (await world.BecomesAsync("tally", 2, VersionState.Ready)).HasTable.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task An_id_that_was_used_for_another_command_is_refused_whatever_the_command()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var used = new CommandContext("ana", Guid.NewGuid());
        (await new SwitchCommand { Projection = TallyWorld.Tally, To = 2 }.RunAsync(system, used, CancellationToken.None)).To.ShouldBe(2);

        var refused = await RefusedAsync(new SwitchCommand { Projection = TallyWorld.Tally, To = 1 }.RunAsync(system, used, CancellationToken.None));
        refused.ShouldStartWith($"Cannot switch 'tally' under the command id {used.CommandId}: it was used by ana at ");
        refused.ShouldEndWith("for another command, 'switch' of 'tally' (switched to v2). Give each command an id of its own; nothing was done.");
        await RefusedAsync(new RollbackCommand { Projection = TallyWorld.Tally }.RunAsync(system, used, CancellationToken.None));
        await RefusedAsync(new PauseCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, used, CancellationToken.None));
        await RefusedAsync(new RetireCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, used, CancellationToken.None));
        await RefusedAsync(new VerifyCommand { Projection = TallyWorld.Tally }.RunAsync(system, used, CancellationToken.None));
        await RefusedAsync(new CheckCommand { Projection = TallyWorld.Tally }.RunAsync(system, used, CancellationToken.None));
        (await world.Catalog.ReadAsync(TallyWorld.Tally, CancellationToken.None))!.LiveVersion.ShouldBe(2);

        // The same command again, however it is to be gone about, is the same.
        var again = await new SwitchCommand { Projection = TallyWorld.Tally, To = 2, Patience = TimeSpan.Zero }.RunAsync(system, used, CancellationToken.None);
        again.AlreadyDone.ShouldBeTrue();
    }

    private static async Task<string> RefusedAsync(Task command)
    {
        var refused = await Should.ThrowAsync<OperationRefused>(command);
        refused.IsMistake.ShouldBeFalse();
        return refused.Message;
    }
}
