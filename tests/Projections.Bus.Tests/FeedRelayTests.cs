using System.Collections.Concurrent;
using Projections.Catalog;
using Projections.Catalog.Feeds;
using Projections.EndToEnd;
using Projections.EndToEnd.Feeds;
using Projections.EndToEnd.Reactions;
using Projections.EndToEnd.Tallies;
using Projections.Feeds;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Bus.Tests;

/// <summary>Feeds on the way to a bus, of which nothing is known here.</summary>
public sealed class FeedRelayTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task What_waits_is_passed_on_in_few_stretches_each_of_which_follows_the_one_before()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await StartAsync(system);
        var copy = await new FeedCopy(system, TallyWorld.Tally).ReadAsync();
        for (var i = 0; i < 10; i++)
        {
            await world.AddAsync(TallyWorld.StreamOf(i), i, 1);
            await world.AtTheHeadAsync();
        }

        var recorder = new Recorder();
        await using (recorder.Relay(system))
        {
            await PassedOnAsync(world);
            recorder.Passed.Count.ShouldBeLessThan(5);
            await world.AddAsync(TallyWorld.StreamOf(1), 3);
            await world.AtTheHeadAsync();
            await PassedOnAsync(world);
        }

        foreach (var stretch in recorder.Passed)
        {
            FeedStart.After(stretch.After).ShouldBe(copy.Place);
            stretch.Messages.ToList().ForEach(copy.Apply);
        }

        copy.Rows.ShouldBe(await world.ViewAsync());
        recorder.Passed.Select(stretch => stretch.Id).ShouldBeUnique();
    }

    [PostgresFact]
    public async Task What_could_not_be_passed_on_is_passed_on_again_with_the_same_id()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await StartAsync(system);
        await world.AddAsync(TallyWorld.StreamOf(1), 1, 2);
        await world.AtTheHeadAsync();
        var recorder = new Recorder { Faults = 2 };
        await using (recorder.Relay(system))
        {
            await PassedOnAsync(world);
        }

        recorder.Tried.Count.ShouldBe(recorder.Passed.Count + 2);
        recorder.Tried.Take(3).Select(stretch => stretch.Id).Distinct().Count().ShouldBe(1);
    }

    [PostgresFact]
    public async Task What_was_dropped_before_it_was_passed_on_shows_in_what_follows()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await StartAsync(system, keepRows: 2);
        var copy = await new FeedCopy(system, TallyWorld.Tally).ReadAsync();
        for (var i = 0; i < 5; i++)
        {
            await world.AddAsync(TallyWorld.StreamOf(1), 1);
            await world.AtTheHeadAsync();
        }

        await new FeedPruning(system).RunAsync(CancellationToken.None);
        var recorder = new Recorder();
        await using (recorder.Relay(system))
        {
            await PassedOnAsync(world);
        }

        var stretch = recorder.Passed.ShouldHaveSingleItem();
        stretch.Messages.Count.ShouldBe(2);
        var message = new Contracts.ReadModelChanged { After = stretch.After.ToString() };
        message.HasGapBehind(copy.CursorText()).ShouldBeTrue();
        await Should.ThrowAsync<FeedGone>(copy.ReadAsync());
        message.HasGapBehind((await new FeedCopy(system, TallyWorld.Tally).ReadAsync()).CursorText()).ShouldBeFalse();
    }

    [PostgresFact]
    public async Task Published_no_more_nothing_is_passed_on_and_published_again_it_goes_on_from_there()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await StartAsync(system);
        var recorder = new Recorder();
        await using var relay = recorder.Relay(system);
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.AtTheHeadAsync();
        await PassedOnAsync(world);
        (await StartAsync(system, publish: false)).ShouldContain("on the bus no more");
        await world.AddAsync(TallyWorld.StreamOf(1), 2);
        await world.AtTheHeadAsync();
        var copy = await new FeedCopy(system, TallyWorld.Tally).ReadAsync();
        (await StartAsync(system)).ShouldContain("From here on it is published");
        (await StartAsync(system)).ShouldContain(" It is published");
        await world.AddAsync(TallyWorld.StreamOf(1), 3);
        await world.AtTheHeadAsync();
        await PassedOnAsync(world);

        recorder.Passed.Count.ShouldBe(2);
        FeedStart.After(recorder.Passed.Last().After).ShouldBe(copy.Place);
        recorder.Passed.Last().Messages.ToList().ForEach(copy.Apply);
        copy.Rows.ShouldBe(await world.ViewAsync());
    }

    private static async Task<string> StartAsync(ProjectionSystem system, int? keepRows = null, bool publish = true) =>
        (await new StartFeedCommand { Projection = TallyWorld.Tally, KeepRows = keepRows, Publish = publish }.RunAsync(system, World.Someone, CancellationToken.None)).Outcome;

    private static Task PassedOnAsync(World world) => world.EventuallyAsync(
        "select not exists (select from projections.feed_entry e, projections.feed_publication p where (e.number, e.part) > (p.number, p.part))", true);

    private sealed class Recorder : IPublisher<FeedStretch>
    {
        private int _faults;

        public int Faults
        {
            init => _faults = value;
        }

        public ConcurrentQueue<FeedStretch> Passed { get; } = new();

        public ConcurrentQueue<FeedStretch> Tried { get; } = new();

        /// <summary>Passes on until it is disposed of.</summary>
        public IAsyncDisposable Relay(ProjectionSystem system) => new Running(new OutboxRelay<FeedStretch>(system, new FeedQueue(system), this));

        public Task PublishAsync(FeedStretch item, CancellationToken cancellationToken)
        {
            Tried.Enqueue(item);
            if (Interlocked.Decrement(ref _faults) >= 0)
            {
                throw new InvalidOperationException("The broker is away.");
            }

            Passed.Enqueue(item);
            return Task.CompletedTask;
        }

        private sealed class Running : IAsyncDisposable
        {
            private readonly CancellationTokenSource _stop = new();
            private readonly Task _relay;

            public Running(OutboxRelay<FeedStretch> relay) => _relay = relay.RunAsync(_stop.Token);

            public async ValueTask DisposeAsync()
            {
                await _stop.CancelAsync();
                await _relay;
                _stop.Dispose();
            }
        }
    }
}
