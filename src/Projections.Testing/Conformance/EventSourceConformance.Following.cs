using System.Runtime.InteropServices;
using Projections.Events;

namespace Projections.Testing;

/// <summary>What every source must do for those who follow it, and what holds of the batches that it gives.</summary>
public abstract partial class EventSourceConformance
{
    private const string Last = "last";

    private async Task Following_gives_what_reading_gives_whatever_the_timing()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 700);
        var middle = (await ReadAllAsync(source))[350].Position;
        var someTypes = EventFilter.OfTypes("type-1", Last);
        List<(EventPosition After, EventFilter Filter)> wishes =
            [(EventPosition.BeforeFirst, EventFilter.All), (EventPosition.BeforeFirst, someTypes), (middle, EventFilter.All), (middle, someTypes)];
        if (store.HasCategories)
        {
            wishes.Add((middle, new EventFilter(null, "busy")));
        }

        var followers = wishes.Select(wish => Task.Run(() => FollowToLastAsync(source, wish.After, wish.Filter))).ToList();
        await Task.WhenAll(Enumerable.Range(1, 4).Select(writer => Task.Run(() => WriteAsync(store, writer))));
        await store.AppendAsync("busy", 1, (Last, "{}"));

        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        foreach (var (wish, follower) in wishes.Zip(followers))
        {
            (await follower.WaitAsync(Patience)).MustBe(await ReadAsync(source, wish.After, head.Position, wish.Filter));
        }
    }

    private async Task Following_tells_how_far_it_has_come_when_nothing_of_that_is_wanted()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 10);
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        var moving = MovedAsync(source, head.Position, EventFilter.OfTypes("no such type"), CancellationToken.None);

        await store.AppendAsync("invoice", 1, ("a", "{}"));

        (await moving.WaitAsync(Patience)).MustBeGreaterThan(head.Position);
    }

    private async Task Everybody_who_follows_is_told_of_a_new_event()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await store.AppendAsync("invoice", 1, ("a", "{}"));
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        var followers = Enumerable.Range(0, 20).Select(_ => MovedAsync(source, head.Position, EventFilter.All, CancellationToken.None)).ToList();

        await store.AppendAsync("invoice", 1, ("b", "{}"));

        foreach (var reached in await Task.WhenAll(followers).WaitAsync(Patience))
        {
            reached.MustBeGreaterThan(head.Position);
        }
    }

    private async Task Who_breaks_off_or_is_cancelled_while_following_disturbs_nobody()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 1_000);
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        var other = MovedAsync(source, head.Position, EventFilter.All, CancellationToken.None);

        await foreach (var batch in source.FollowAsync(EventPosition.BeforeFirst, EventFilter.All, CancellationToken.None))
        {
            batch.Dispose();
            break;
        }

        using var cancelled = new CancellationTokenSource();
        var waiting = MovedAsync(source, head.Position, EventFilter.All, cancelled.Token);
        await cancelled.CancelAsync();
        await Must.BeCancelledAsync(() => waiting.WaitAsync(Patience));

        await store.AppendAsync("invoice", 1, (Last, "{}"));
        (await other.WaitAsync(Patience)).MustBeGreaterThan(head.Position);
        (await FollowToLastAsync(source, EventPosition.BeforeFirst, EventFilter.All).WaitAsync(Patience)).Count.MustBe(1_001);
    }

    private async Task Followed_batches_are_bounded_and_take_no_more_memory_than_what_is_in_them()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 9_000);
        await AppendLargeAsync(store);
        await store.AppendAsync("invoice", 1, (Last, "{}"));

        var through = EventPosition.BeforeFirst;
        await foreach (var batch in source.FollowAsync(EventPosition.BeforeFirst, EventFilter.All, CancellationToken.None))
        {
            batch.Count.MustBeLessThanOrEqualTo(8_192);
            batch.Through.MustBeGreaterThanOrEqualTo(through);
            through = batch.Through;
            MustBeExact(batch);
            if (batch.Count > 0 && batch.Events[^1].Type == Last)
            {
                return;
            }
        }
    }

    private async Task A_batch_stays_as_it_is_until_it_is_disposed_whatever_becomes_of_the_others()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 9_000);
        await store.AppendAsync("invoice", 1, (Last, "{}"));
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        var all = await ReadAllAsync(source);

        foreach (var batches in new[]
        {
            await source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None).ToListAsync(),
            await ToLastAsync(source, EventPosition.BeforeFirst, EventFilter.All),
        })
        {
            // Every other one is given back, twice, and read into again.
            var given = batches.Where((_, index) => index % 2 == 0).Select(batch => (Batch: batch, Seen: See(batch))).ToList();
            foreach (var (batch, _) in given)
            {
                batch.Dispose();
                batch.Dispose();
            }

            (await ReadAllAsync(source)).MustBe(all);
            var kept = batches.Where((_, index) => index % 2 == 1).SelectMany(See);
            given.SelectMany(batch => batch.Seen).Concat(kept).OrderBy(seen => seen.Position).MustBe(all);
        }
    }

    /// <summary>Appends as a busy client does: a few events at a time, to a stream of its own.</summary>
    private static async Task WriteAsync(EventStoreUnderTest store, int writer)
    {
        for (var round = 0; round < 30; round++)
        {
            await store.AppendAsync("busy", 1_000 + writer, [.. Enumerable.Range(0, 1 + (round * writer % 7)).Select(n => ($"type-{n % 3}", $$"""{"n": {{n}}}"""))]);
        }
    }

    private static async Task<List<Seen>> FollowToLastAsync(IEventSource source, EventPosition after, EventFilter filter) =>
        [.. (await ToLastAsync(source, after, filter)).SelectMany(See)];

    /// <summary>Follows until the event comes whose type says that it is the last.</summary>
    private static async Task<List<EventBatch>> ToLastAsync(IEventSource source, EventPosition after, EventFilter filter)
    {
        var batches = new List<EventBatch>();
        await foreach (var batch in source.FollowAsync(after, filter, CancellationToken.None))
        {
            batches.Add(batch);
            if (batch.Count > 0 && batch.Events[^1].Type == Last)
            {
                return batches;
            }
        }

        throw new ConformanceFailed("following came to an end, which it must not");
    }

    /// <summary>Follows until the source has come beyond a position.</summary>
    private static async Task<EventPosition> MovedAsync(IEventSource source, EventPosition after, EventFilter filter, CancellationToken cancellationToken)
    {
        await foreach (var batch in source.FollowAsync(after, filter, cancellationToken))
        {
            using (batch)
            {
                if (batch.Through > after)
                {
                    return batch.Through;
                }
            }
        }

        throw new ConformanceFailed("following came to an end, which it must not");
    }

    private static void MustBeExact(EventBatch batch)
    {
        var content = 0L;
        var arrays = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (ref readonly var one in batch.Events)
        {
            foreach (var part in new[] { one.Data, one.Metadata })
            {
                content += part.Length;
                if (MemoryMarshal.TryGetArray(part, out var bytes))
                {
                    arrays.Add(bytes.Array!);
                }
            }
        }

        arrays.Cast<byte[]>().Sum(array => array.LongLength).MustBeLessThanOrEqualTo(content);
        if (MemoryMarshal.TryGetArray(batch.Memory, out var events))
        {
            events.Array!.Length.MustBe(batch.Count);
        }
    }
}
