using System.Collections.Concurrent;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.EndToEnd;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Bus.Tests;

public sealed class RelayTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task What_cannot_be_passed_on_is_kept_and_passed_on_again_in_order()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var faults = 2;
        var publisher = new Recorder(announcement => announcement.Kind == AnnouncementKind.CaughtUp && Interlocked.Decrement(ref faults) >= 0);
        using var stop = new CancellationTokenSource();
        var relay = new OutboxRelay<Announcement>(system, new Outbox(), publisher).RunAsync(stop.Token);

        await world.EventuallyAsync("select count(*) from projections.announcement", 0L);
        await stop.CancelAsync();
        await relay;
        publisher.Passed.Select(announcement => $"{announcement.Kind} v{announcement.Version.Number}").ShouldBe(
            ["RebuildStarted v1", "CaughtUp v1", "Switched v1", "RebuildStarted v2", "CaughtUp v2"]);
        publisher.Tried.Count.ShouldBe(7);
        publisher.Tried.Select(announcement => announcement.Id).Distinct().Count().ShouldBe(5);
    }

    [PostgresFact]
    public async Task Of_a_fleet_one_passes_on_and_another_when_it_is_gone()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var (first, second) = (new Recorder(), new Recorder());
        using var stopFirst = new CancellationTokenSource();
        using var stopSecond = new CancellationTokenSource();
        var firstRelay = new OutboxRelay<Announcement>(system, new Outbox(), first).RunAsync(stopFirst.Token);
        await world.EventuallyAsync("select count(*) from projections.announcement", 0L);
        var secondRelay = new OutboxRelay<Announcement>(await world.OpenAsync(TallyWorld.Both), new Outbox(), second).RunAsync(stopSecond.Token);
        await World.SwitchAsync(system, "tally", 2);
        await world.EventuallyAsync("select count(*) from projections.announcement", 0L);
        (first.Passed.Count, second.Passed.Count).ShouldBe((6, 0));

        await stopFirst.CancelAsync();
        await firstRelay;
        await World.SwitchAsync(system, "tally", 1);
        await world.EventuallyAsync("select count(*) from projections.announcement", 0L);
        second.Passed.Select(announcement => announcement.Kind).ShouldBe([AnnouncementKind.RolledBack]);
        await stopSecond.CancelAsync();
        await secondRelay;
    }

    [PostgresFact]
    public async Task A_switch_that_does_not_take_place_is_not_announced()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await using var reader = await world.Sql.OpenConnectionAsync();
        await using var open = await reader.BeginTransactionAsync();
        await using var read = reader.CreateCommand();
        read.CommandText = "select count(*) from tally";
        await read.ExecuteScalarAsync();

        // Its transaction announces it before it waits for the view, and is rolled back.
        await Should.ThrowAsync<SwitchRefused>(() => World.SwitchAsync(system, "tally", 2, new SwitchCommand { Patience = TimeSpan.FromMilliseconds(500) }));
        (await world.Database.ScalarAsync<long>("select count(*) from projections.announcement where kind = 'Switched' and version = 2")).ShouldBe(0);
        await open.RollbackAsync();
        await World.SwitchAsync(system, "tally", 2);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.announcement where kind = 'Switched' and version = 2")).ShouldBe(1);
    }

    private sealed class Recorder(Func<Announcement, bool>? fails = null) : IPublisher<Announcement>
    {
        public ConcurrentQueue<Announcement> Passed { get; } = new();

        public ConcurrentQueue<Announcement> Tried { get; } = new();

        public Task PublishAsync(Announcement item, CancellationToken cancellationToken)
        {
            Tried.Enqueue(item);
            if (fails?.Invoke(item) == true)
            {
                throw new InvalidOperationException("The broker is away.");
            }

            Passed.Enqueue(item);
            return Task.CompletedTask;
        }
    }
}
