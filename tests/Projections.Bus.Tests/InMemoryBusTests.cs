using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Projections.Catalog;
using Projections.Contracts;
using Projections.EndToEnd;
using Projections.EndToEnd.Tallies;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Bus.Tests;

public sealed class InMemoryBusTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_versions_life_is_commanded_by_messages_and_told_in_order()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();

        await service.Bus.Publish(BusWorld.Rebuild(1));
        await heard.HearsAsync<ProjectionCaughtUp>(e => e.Version == 1);
        await service.Bus.Publish(BusWorld.Switch(1));
        await heard.HearsAsync<ProjectionSwitched>(e => e.Version == 1);
        await service.Bus.Publish(BusWorld.Rebuild(2));
        await heard.HearsAsync<ProjectionCaughtUp>(e => e.Version == 2);
        await service.Bus.Publish(BusWorld.Switch(2));
        await heard.HearsAsync<ProjectionSwitched>(e => e.Version == 2);
        await service.Bus.Publish(new RollbackProjection { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = "bo", Reason = "wrong totals" });
        await heard.HearsAsync<ProjectionRolledBack>();
        await service.Bus.Publish(new RetireVersion { CommandId = Guid.NewGuid(), Projection = "tally", Version = 2, RequestedBy = "bo" });
        await heard.HearsAsync<VersionRetired>();

        heard.Recorded.Select(e => $"{e.GetType().Name} v{e.Version}").ShouldBe(
            ["RebuildStarted v1", "ProjectionCaughtUp v1", "ProjectionSwitched v1", "RebuildStarted v2", "ProjectionCaughtUp v2", "ProjectionSwitched v2", "ProjectionRolledBack v1", "VersionRetired v2"]);
        heard.Recorded.Select(e => e.Sequence).ShouldBeInOrder(SortDirection.Ascending);
        heard.Recorded.OfType<ProjectionSwitched>().Select(e => e.From).ShouldBe([null, 1]);
        var back = heard.Recorded.OfType<ProjectionRolledBack>().Single();
        (back.From, back.Who, back.Why).ShouldBe((2, "bo", "wrong totals"));
        heard.Recorded.OfType<VersionRetired>().Single().State.ShouldBe("standby");
        (await world.AuditAsync("tally", 1))[0].ShouldBe("planned ana a new column");
    }

    [PostgresFact]
    public async Task A_command_that_is_delivered_again_late_or_at_the_same_moment_is_done_once()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();

        var first = BusWorld.Rebuild(1);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => service.Bus.Publish(first)));
        await heard.HearsAsync<ProjectionCaughtUp>(e => e.Version == 1);
        var toFirst = BusWorld.Switch(1);
        await service.Bus.Publish(toFirst);
        await heard.HearsAsync<ProjectionSwitched>(e => e.Version == 1);
        await service.Bus.Publish(BusWorld.Rebuild(2));
        await heard.HearsAsync<ProjectionCaughtUp>(e => e.Version == 2);
        var alreadyThere = BusWorld.Switch(1);
        await service.Bus.Publish(alreadyThere);
        await service.Bus.Publish(BusWorld.Switch(2));
        await heard.HearsAsync<ProjectionSwitched>(e => e.Version == 2);

        // All of them late, and in another order; the last one is no repetition, and so its answer comes after theirs.
        await service.Bus.Publish(alreadyThere);
        await service.Bus.Publish(toFirst);
        await service.Bus.Publish(first);
        await service.Bus.Publish(new RetireVersion { CommandId = Guid.NewGuid(), Projection = "tally", Version = 1, RequestedBy = "ana" });
        await heard.HearsAsync<VersionRetired>();
        await service.Bus.Publish(first);
        await AllDoneAsync(service, heard);

        (await world.Catalog.ReadAsync(TallyWorld.Tally, default))!.LiveVersion.ShouldBe(2);
        (await world.Catalog.ReadAsync(TallyWorld.Tally, default))!.Find(1)!.State.ShouldBe(VersionState.Retired);
        heard.Recorded.OfType<RebuildStarted>().Count().ShouldBe(2);
        heard.Recorded.OfType<ProjectionSwitched>().Count().ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_rollback_that_is_delivered_twice_goes_back_once()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();
        await service.Bus.Publish(BusWorld.Switch(2));
        await heard.HearsAsync<ProjectionSwitched>(e => e.Version == 2);

        var back = new RollbackProjection { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = "bo" };
        await service.Bus.Publish(back);
        await service.Bus.Publish(back);
        await service.Bus.Publish(back);
        await heard.HearsAsync<ProjectionRolledBack>();
        await AllDoneAsync(service, heard);

        (await world.Catalog.ReadAsync(TallyWorld.Tally, default))!.LiveVersion.ShouldBe(1);
        heard.Recorded.OfType<ProjectionRolledBack>().Count().ShouldBe(1);
    }

    [PostgresFact]
    public async Task Bad_commands_fault_with_a_reason_and_the_good_ones_behind_them_are_carried_out()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();

        await service.Bus.Publish(new RebuildProjection { CommandId = Guid.NewGuid(), Projection = "tallies", RequestedBy = "ana" });
        await service.Bus.Publish(BusWorld.Rebuild(7));
        await service.Bus.Publish(new RebuildProjection { CommandId = Guid.NewGuid(), Projection = "Tally; drop table", RequestedBy = "ana" });
        await service.Bus.Publish(new RebuildProjection { Projection = "tally", RequestedBy = "ana" });
        await service.Bus.Publish(new RebuildProjection { CommandId = Guid.NewGuid(), Projection = "tally" });
        await service.Bus.Publish(BusWorld.Rebuild(1));
        await heard.HearsAsync<ProjectionCaughtUp>();
        await service.Bus.Publish(BusWorld.Switch(2));
        await service.Bus.Publish(new PauseRebuild { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = "ana" });

        await FaultsAsync<RebuildProjection>(heard, "no projection 'tallies' in this program", "no tally v7 in this program. It has v1, v2", "cannot be the name of a projection", "needs a 'commandId'", "needs 'requestedBy'");
        await FaultsAsync<SwitchProjection>(heard, "no tally v2 in the catalog");
        await FaultsAsync<PauseRebuild>(heard, "no version of it is in a state for that");
    }

    [PostgresFact]
    public async Task What_no_command_may_say_is_refused_and_comes_neither_into_the_catalog_nor_into_the_log()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        var log = new LoggedLines();
        await using var service = await BusWorld.StartAsync(world, services => services.AddSingleton<ILoggerProvider>(log));
        var heard = service.Listen();
        var (long8, nul, terminal) = (new string('x', 8_000_000), "a\0b", "a\u001b[2Jb");

        await service.Bus.Publish(new RebuildProjection { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = "ana", Reason = long8 });
        await service.Bus.Publish(new RebuildProjection { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = nul });
        await service.Bus.Publish(new RebuildProjection { CommandId = Guid.NewGuid(), Projection = terminal, RequestedBy = "ana" });
        await service.Bus.Publish(new SwitchProjection { CommandId = Guid.NewGuid(), Projection = "tally", Version = 1, RequestedBy = "ana", PatienceSeconds = 1e300 });
        await service.Bus.Publish(new RepairProjection { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = "ana", Keys = null!, Tenant = nul });

        await FaultsAsync<RebuildProjection>(heard, "500 characters at most; it has 8000000", "The name of who asks has control characters", "'a?[2Jb' cannot be the name of a projection");
        await FaultsAsync<SwitchProjection>(heard, "The patience must be between 0 and 1200 s");
        await FaultsAsync<RepairProjection>(heard, "The tenant has control characters");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.command")).ShouldBe(0);
        log.Lines.Count(line => line.Contains("was refused", StringComparison.Ordinal)).ShouldBe(5);
        log.Lines.ShouldAllBe(line => line.Length < 1000 && !line.Contains('\0') && !line.Contains('\u001b'));
    }

    [PostgresFact]
    public async Task A_broker_that_is_away_is_told_in_a_line_however_often_it_is_tried()
    {
        await using var world = await World.CreateAsync(postgres);
        var (log, tries) = (new LoggedLines(), new Tries());
        void Listen(IServiceCollection services) => services.AddSingleton<ILoggerProvider>(log).AddReceiveEndpointObserver(_ => tries);
        await using var service = await BusWorld.StartAsync(world, Listen, ("Transport", "RabbitMq"), ("Address", "amqp://127.0.0.1:1/"));

        await Deadline.UntilAsync(() => tries.Count, count => count >= 10, "try again and again");

        log.Lines.Count(line => line.StartsWith("The broker at 127.0.0.1 cannot be reached", StringComparison.Ordinal)).ShouldBe(1, string.Join('\n', log.Lines));
    }

    [PostgresFact]
    public async Task A_command_whose_connection_is_cut_is_tried_again()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();
        await using var blocker = await world.Sql.OpenConnectionAsync();
        await using (var transaction = await blocker.BeginTransactionAsync())
        {
            await using var hold = blocker.CreateCommand();
            hold.CommandText = "lock table projections.command in access exclusive mode";
            await hold.ExecuteNonQueryAsync();
            await service.Bus.Publish(BusWorld.Rebuild(1));
            await world.EventuallyAsync("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%projections.command%' and datname = current_database()", 1L);
            await world.Database.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and query like '%projections.command%' and datname = current_database()");
        }

        await heard.HearsAsync<ProjectionCaughtUp>();
        heard.Messages.OfType<Fault<RebuildProjection>>().ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task Progress_is_told_at_most_once_a_second()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(600);
        var began = DateTime.UtcNow;
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();

        await service.Bus.Publish(BusWorld.Rebuild(1, eventsPerSecond: 150));
        await heard.HearsAsync<ProjectionCaughtUp>();

        var progress = heard.Messages.OfType<RebuildProgressed>().ToList();
        progress.Count.ShouldBeGreaterThanOrEqualTo(2);
        progress.Select(e => e.EventsDone).ShouldBeInOrder(SortDirection.Ascending);
        progress.ShouldContain(e => e.State == "replaying" && e.EventsDone > 0 && e.EventsDone < 600 && e.EventsTotal == 600);
        progress.ShouldAllBe(e => e.Together.Versions == 1 && e.Together.EventsDone == e.EventsDone);
        // From before the first could be told: one that is late itself is no shorter a second behind the next.
        (progress[^1].At - began).ShouldBeGreaterThan(TimeSpan.FromSeconds(0.9 * progress.Count));
    }

    [PostgresFact]
    public async Task A_projections_status_is_answered()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await using var service = await BusWorld.StartAsync(world);

        var status = await AnswerAsync(service);
        status.LiveVersion.ShouldBe(1);
        status.Versions.Select(version => (version.Version, version.State, version.EventsDone)).ShouldBe([(1, "live", 500L), (2, "ready", 500L)]);
        status.Versions[0].LagEvents.ShouldBe(0);

        var client = service.Bus.CreateRequestClient<GetProjectionStatus>();
        var unknown = await client.GetResponse<ProjectionStatus, ProjectionUnknown>(new GetProjectionStatus { Projection = "tallies" });
        unknown.Message.ShouldBeOfType<ProjectionUnknown>().Known.ShouldBe(["tally"]);
    }

    [PostgresFact]
    public async Task The_event_that_a_version_stopped_at_is_shown_to_whoever_asks_and_to_nobody_else()
    {
        await using var world = await World.CreateAsync(postgres);
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();
        var bad = await StopAtAnEventAsync(world, service);

        await service.Bus.Publish(new ShowEvent { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = "ana" });
        await FaultsAsync<ShowEvent>(heard, "'responseAddress'");
        var asked = new ShowEvent { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = "ana", Reason = "a bug report" };
        var shown = (await service.Bus.CreateRequestClient<ShowEvent>(RequestTimeout.After(m: 5)).GetResponse<EventShown>(asked)).Message;

        (shown.Version, shown.Position, shown.Type, shown.Data).ShouldBe((1, bad.ToString(), TallyEvents.Added, """{"amount": "many"}"""));
        (await world.Database.ScalarAsync<long>("select count(*) from projections.command where verb = 'show-event' and who = 'ana' and why = 'a bug report'")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task A_version_that_stopped_at_an_event_goes_on_behind_it_when_a_message_says_why()
    {
        await using var world = await World.CreateAsync(postgres);
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();
        var bad = await StopAtAnEventAsync(world, service);
        await service.Bus.Publish(new ResumeRebuild { CommandId = Guid.NewGuid(), Projection = "tally", SetAside = "seven", RequestedBy = "ana", Reason = "a test event" });
        await FaultsAsync<ResumeRebuild>(heard, "Expected in 'setAside' is a position");

        await service.Bus.Publish(new ResumeRebuild { CommandId = Guid.NewGuid(), Projection = "tally", SetAside = $"{bad}", RequestedBy = "ana", Reason = "a test event" });

        await world.EventuallyAsync("select count(*) from projections.dead_letter", 1L);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        (await world.ColumnAsync("select concat_ws(' ', s.who, s.why, d.status) from projections.set_aside s join projections.dead_letter d using (projection, number, position_major)"))
            .ShouldBe(["ana a test event waiting"]);
    }

    [PostgresFact]
    public async Task A_status_says_what_is_wrong_with_a_declaration()
    {
        await using var world = await World.CreateAsync(postgres);
        await using var service = await BusWorld.StartAsync(world, Definitions.ProjectionRegistry.Of(new TallyV2()), null);
        await service.Bus.Publish(new RebuildProjection { CommandId = Guid.NewGuid(), Projection = "tally", Version = 2, RequestedBy = "ana" });
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        (await AnswerAsync(service)).Errors.ShouldBeEmpty();

        await using var newer = await BusWorld.StartAsync(world, Definitions.ProjectionRegistry.Of(new TallyV2(), new TallyV2()), null);

        (await AnswerAsync(newer)).Errors.ShouldHaveSingleItem().ShouldStartWith("tally v2: 2 classes declare this version: TallyV2, TallyV2.");
    }

    [PostgresFact]
    public async Task A_check_is_made_on_command_and_its_verdicts_are_told_when_they_change()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await using var service = await BusWorld.StartAsync(world);
        var heard = service.Listen();
        await world.Database.ExecuteAsync("drop view tally");
        var check = new CheckCatchUp { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = "ana" };
        await service.Bus.Publish(check);
        await service.Bus.Publish(check);
        var lagging = await heard.HearsAsync<ProjectionLagging>();
        (lagging.Version, lagging.Verdict, lagging.Who).ShouldBe((1, "broken", "ana"));
        lagging.Findings.Single().ShouldStartWith("read-name: There is no");

        await world.Database.ExecuteAsync("create view tally as select * from tally_v1");
        await service.Bus.Publish(new CheckCatchUp { CommandId = Guid.NewGuid(), Projection = "tally", RequestedBy = "ana" });
        (await heard.HearsAsync<CatchUpRecovered>()).VerdictBefore.ShouldBe("broken");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.catch_up_check where number = 1")).ShouldBe(2);
    }

    [Fact]
    public void Settings_that_are_wrong_are_refused_with_all_that_is_wrong()
    {
        var configuration = Settings.Of(("Bus:Transport", "RabbitMq"), ("Bus:Address", "amqp://user:secret@rabbit"), ("Bus:ConcurrentCommands", "0"));
        var refused = Should.Throw<BusOptionsInvalid>(() => new Microsoft.Extensions.DependencyInjection.ServiceCollection().AddProjectionsBus(configuration));
        refused.Message.ShouldContain("Bus:ConcurrentCommands");
        refused.Message.ShouldNotContain("secret");
        Should.Throw<BusOptionsInvalid>(() => new Microsoft.Extensions.DependencyInjection.ServiceCollection().AddProjectionsBus(Settings.Of(("Bus:Adress", "amqp://rabbit"))))
            .Message.ShouldContain("Adress");
    }

    /// <summary>Sends a command that is refused; those of one projection are carried out in order, so all before it are done then.</summary>
    /// <summary>Has v1 built from a history with an event in it that nobody can decode.</summary>
    /// <returns>The event's position.</returns>
    private static async Task<long> StopAtAnEventAsync(World world, BusWorld service)
    {
        await world.SeedTalliesAsync(10);
        var bad = await world.Store.AppendAsync(new Events.StreamId(TallyWorld.StreamOf(3)), [(TallyEvents.Added, """{"amount":"many"}""")]);
        await service.Bus.Publish(BusWorld.Rebuild(1));
        await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed");
        return bad;
    }

    private static async Task AllDoneAsync(BusWorld service, Heard heard)
    {
        var last = new PauseRebuild { CommandId = Guid.NewGuid(), Projection = "tally", Version = 99, RequestedBy = "test" };
        await service.Bus.Publish(last);
        await heard.HearsAsync<Fault<PauseRebuild>>(fault => fault.Message.CommandId == last.CommandId);
    }

    private static async Task<ProjectionStatus> AnswerAsync(BusWorld service)
    {
        var client = service.Bus.CreateRequestClient<GetProjectionStatus>();
        var answer = await client.GetResponse<ProjectionStatus, ProjectionUnknown>(new GetProjectionStatus { Projection = "tally" });
        return answer.Message.ShouldBeOfType<ProjectionStatus>();
    }

    private static async Task FaultsAsync<T>(Heard heard, params string[] reasons)
        where T : class
    {
        foreach (var reason in reasons)
        {
            await heard.HearsAsync<Fault<T>>(fault => fault.Exceptions.Any(exception => exception.Message.Contains(reason, StringComparison.Ordinal)));
        }
    }
}
