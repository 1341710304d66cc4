using MassTransit;
using Npgsql;
using Projections.Contracts;
using Projections.EndToEnd;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;
using Projections.WorkOrders;

namespace Projections.Bus.Tests;

public sealed class VerificationOnTheBusTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string IsHeldUp = "wait_event_type = 'Lock' and query like '%projections.verification%' and datname = current_database()";

    [PostgresFact]
    public async Task Versions_are_compared_a_row_is_repaired_and_only_then_reads_are_switched()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();
        var wrong = TallyWorld.StreamOf(3).ToString();
        await world.Database.ExecuteAsync($"update tally_v2 set total = total + 1 where id = '{wrong}'");

        var verify = Verify();
        await service.Bus.Publish(verify);
        var differs = await heard.HearsAsync<ProjectionVerified>(e => e.CommandId == verify.CommandId);
        (differs.Version, differs.ComparedWith, differs.Agrees, differs.Equal, differs.Differing).ShouldBe((2, 1, false, 99, 1));
        (await world.Database.ScalarAsync<string>($"select concat(work->>'from', work->>'to') from projections.work_order where id = '{verify.CommandId}'")).ShouldBe("12", "what is done is what was accepted, whatever is live by then");
        (differs.Who, differs.Why, differs.Position).ShouldBe(("ana", "before the switch", "500"));
        var early = BusWorld.Switch(2);
        early.RequireVerified = true;
        await service.Bus.Publish(early);
        (await heard.HearsAsync<Fault<SwitchProjection>>()).Exceptions.ShouldContain(exception => exception.Message.Contains("tally_v1 and tally_v2 differed", StringComparison.Ordinal));

        await service.Bus.Publish(new RepairProjection { CommandId = Guid.NewGuid(), Projection = "tally", Version = 2, Keys = [wrong], RequestedBy = "bo" });
        var repaired = await heard.HearsAsync<RowsRepaired>();
        (repaired.Version, repaired.Rows, repaired.Before, repaired.After, repaired.Who).ShouldBe((2, 1, 1, 1, "bo"));
        var again = Verify();
        await service.Bus.Publish(again);
        (await heard.HearsAsync<ProjectionVerified>(e => e.CommandId == again.CommandId)).Agrees.ShouldBeTrue();
        var late = BusWorld.Switch(2);
        late.RequireVerified = true;
        await service.Bus.Publish(late);

        (await heard.HearsAsync<ProjectionSwitched>(e => e.Version == 2)).From.ShouldBe(1);
    }

    [PostgresFact]
    public async Task A_version_is_compared_with_its_events()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();
        await world.Database.ExecuteAsync($"delete from tally_v1 where id = '{TallyWorld.StreamOf(3)}'");

        var verify = Verify();
        verify.AgainstEvents = true;
        await service.Bus.Publish(verify);

        var found = await heard.HearsAsync<ProjectionVerified>();
        (found.Version, found.ComparedWith, found.Agrees, found.Equal, found.OnlyLater).ShouldBe((1, null, false, 99, 1));
    }

    [PostgresFact]
    public async Task A_comparison_that_is_ordered_twice_is_made_once()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();

        var verify = Verify();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.Bus.Publish(verify)));
        await heard.HearsAsync<ProjectionVerified>();
        await service.Bus.Publish(verify);
        var last = Verify();
        await service.Bus.Publish(last);
        await heard.HearsAsync<ProjectionVerified>(e => e.CommandId == last.CommandId);

        (await world.Database.ScalarAsync<long>("select count(*) from projections.verification")).ShouldBe(2);
        heard.Messages.OfType<ProjectionVerified>().Count().ShouldBe(2);
    }

    [PostgresFact]
    public async Task An_order_whose_connection_is_cut_is_begun_anew()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();
        await using (await HoldUpAsync(world, service))
        {
            await world.Database.ExecuteAsync($"select pg_terminate_backend(pid) from pg_stat_activity where {IsHeldUp}");
        }

        (await heard.HearsAsync<ProjectionVerified>()).Agrees.ShouldBeTrue();
        heard.Messages.OfType<WorkFailed>().ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task An_order_that_has_met_only_faults_that_pass_for_a_day_is_given_up()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();
        await using var held = await HoldUpAsync(world, service);

        await world.Database.ExecuteAsync("update projections.work_order set started_at = started_at - interval '2 days'");
        await world.Database.ExecuteAsync($"select pg_terminate_backend(pid) from pg_stat_activity where {IsHeldUp}");

        (await heard.HearsAsync<WorkFailed>()).Error.ShouldStartWith("It was tried for more than 24 hours and met only faults that pass by themselves, the last of them: ");
    }

    [PostgresFact]
    public async Task An_order_that_is_called_off_ends_at_once_and_its_worker_lets_it_go()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.LeaveBehindAsync(system);
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();
        var order = Verify();
        order.PatienceSeconds = 3600;
        await service.Bus.Publish(order);
        await world.EventuallyAsync("select count(*) from projections.work_order where started_at is not null", 1L);

        await service.Bus.Publish(new CancelWork { CommandId = Guid.NewGuid(), Projection = "tally", Order = order.CommandId, RequestedBy = "bo", Reason = "it takes too long" });

        (await heard.HearsAsync<WorkFailed>()).Error.ShouldBe("It was called off by bo: it takes too long.");
        await world.EventuallyAsync("select count(*) from pg_locks where locktype = 'advisory' and objsubid = 2 and database = (select oid from pg_database where datname = current_database())", 0L);
        (await new CallOffOrderCommand { Projection = TallyWorld.Tally, Order = order.CommandId }.RunAsync(system, World.Someone, CancellationToken.None)).AlreadyDone.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task What_can_never_be_done_faults_at_once_and_what_turns_out_to_be_impossible_is_told()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();
        var nowhere = Verify();
        nowhere.Version = 7;
        var sampled = Verify();
        (sampled.AgainstEvents, sampled.Sample) = (true, 2);

        await service.Bus.Publish(nowhere);
        await service.Bus.Publish(sampled);
        await service.Bus.Publish(new RepairProjection { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = "bo" });

        await heard.HearsAsync<Fault<VerifyProjection>>(fault => fault.Exceptions.Any(e => e.Message.Contains("Cannot verify 'tally' v7", StringComparison.Ordinal)));
        await heard.HearsAsync<Fault<VerifyProjection>>(fault => fault.Exceptions.Any(e => e.Message.Contains("'sample'", StringComparison.Ordinal)));
        await heard.HearsAsync<Fault<RepairProjection>>(fault => fault.Exceptions.Any(e => e.Message.Contains("without knowing which rows", StringComparison.Ordinal)));
        (await world.Database.ScalarAsync<long>("select count(*) from projections.work_order")).ShouldBe(0);

        await world.LeaveBehindAsync(system);
        var apart = Verify();
        apart.PatienceSeconds = 0;
        await service.Bus.Publish(apart);

        var failed = await heard.HearsAsync<WorkFailed>();
        (failed.CommandId, failed.Work, failed.Version).ShouldBe((apart.CommandId, "verify", 2));
        failed.Error.ShouldContain("rows can be compared only at the same position");
    }

    /// <summary>Orders a comparison whose outcome cannot be noted for as long as what is returned lives.</summary>
    private static async Task<NpgsqlConnection> HoldUpAsync(World world, BusWorld service)
    {
        var holder = await world.ConnectAsync("holds the comparison up");
        await using var hold = new NpgsqlCommand("begin; lock table projections.verification in access exclusive mode", holder);
        await hold.ExecuteNonQueryAsync();
        await service.Bus.Publish(Verify());
        await world.EventuallyAsync($"select count(*) from pg_stat_activity where {IsHeldUp}", 1L);
        return holder;
    }

    private static VerifyProjection Verify() => new() { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = "ana", Reason = "before the switch" };
}
