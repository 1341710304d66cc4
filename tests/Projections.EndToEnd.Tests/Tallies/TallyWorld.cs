using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.PostgresEvents.Marten;
using Projections.Workers;

namespace Projections.EndToEnd.Tallies;

/// <summary>Events for tallies, and the versions that fold them.</summary>
internal static class TallyWorld
{
    public static readonly ProjectionName Tally = new("tally");

    public static ProjectionRegistry Both => ProjectionRegistry.Of(new TallyV1(), new TallyV2());

    /// <summary>Adds amounts to a stream, in one transaction.</summary>
    public static Task<long> AddAsync(this World world, Guid stream, params int[] amounts) =>
        world.Store.AppendAsync(new StreamId(stream), [.. amounts.Select(amount => (TallyEvents.Added, $$"""{"amount":{{amount}}}"""))]);

    /// <summary>Puts a history of <paramref name="events"/> events over <paramref name="streams"/> streams into the store, each adding one.</summary>
    public static Task<long> SeedTalliesAsync(this World world, int events, int streams = 100) =>
        world.Store.SeedAsync(Enumerable.Range(0, events).Select(i =>
            new MartenEvent(new StreamId(StreamOf(i % streams)), (i / streams) + 1, TallyEvents.Added, """{"amount":1}""", DateTime.UnixEpoch.AddSeconds(i))));

    /// <summary>A history of <paramref name="events"/> events, v1 live, and v2 ready.</summary>
    public static async Task<(ProjectionSystem System, Worker Worker)> BuildBothTalliesAsync(this World world, int events = 500)
    {
        await world.SeedTalliesAsync(events);
        var system = await world.OpenAsync(Both);
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        return (system, worker);
    }

    /// <summary>Has v1 of <see cref="BuildBothTalliesAsync"/> go on without v2, so that the two are at no common position.</summary>
    public static async Task LeaveBehindAsync(this World world, ProjectionSystem system)
    {
        await new PauseCommand { Projection = Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        // A pause takes hold when the worker has heard of it; until then v2 gets what v1 gets.
        await world.BecomesAsync("tally", 2, VersionState.Paused);
        await world.AddAsync(StreamOf(0), 1);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v1", 501L);
    }

    public static Guid StreamOf(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);

    /// <summary>Goes on adding amounts to streams at random, each in a transaction of its own, until it is stopped.</summary>
    /// <returns>How many were added.</returns>
    public static async Task<int> KeepAddingAsync(this World world, CancellationToken stop, TimeSpan? pause = null, int streams = 50, int most = 1)
    {
        var random = new Random(1);
        var added = 0;
        while (!stop.IsCancellationRequested)
        {
            await world.AddAsync(StreamOf(random.Next(streams)), random.Next(1, most + 1));
            added++;
            if (pause is { } length)
            {
                await Task.Delay(length, CancellationToken.None);
            }
        }

        return added;
    }
}
