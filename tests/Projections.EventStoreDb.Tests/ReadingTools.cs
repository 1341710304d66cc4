using System.Text;
using Projections.Events;
using Projections.EventStoreDb.Testing;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Log;

namespace Projections.EventStoreDb.Tests;

/// <summary>What tests do with sources and logs again and again.</summary>
internal static class ReadingTools
{
    /// <summary>Options under which nothing takes long.</summary>
    public static EventStoreDbSourceOptions Quick { get; } =
        new() { RetryPause = TimeSpan.FromMilliseconds(5), SearchPatience = TimeSpan.FromMilliseconds(300) };

    /// <summary>Appends events of the types <c>type-0</c> to <c>type-2</c> in turn, with their number in them.</summary>
    public static void Fill(this TestLog log, int count, int from = 0)
    {
        for (var n = from; n < from + count; n++)
        {
            log.Append($"many-{n % 7}", TestEvent.Json($"type-{n % 3}", $$"""{"n":{{n}}}"""));
        }
    }

    /// <summary>The same over the wire, in as few appends as a store takes.</summary>
    public static async Task FillAsync(this StoreUnderTest store, int count)
    {
        foreach (var chunk in Enumerable.Range(0, count).Chunk(1_000))
        {
            await store.AppendAsync($"many-{chunk[0]}", [.. chunk.Select(n => Event($"type-{n % 3}", $$"""{"n":{{n}}}"""))]);
        }
    }

    public static EventToAppend Event(string type, string json) => new(type, Encoding.UTF8.GetBytes(json));

    public static async Task<List<SeenEvent>> ReadAllAsync(this IEventSource source, EventFilter? filter = null, EventPosition? after = null)
    {
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        return await source.ReadAsync(after ?? EventPosition.BeforeFirst, head.Position, filter ?? EventFilter.All, CancellationToken.None).CollectAsync();
    }

    /// <summary>Reads what a test has appended, from where it began.</summary>
    public static async Task<List<SeenEvent>> ReadOwnAsync(this StoreUnderTest store, IEventSource source, EventFilter? filter = null, EventPosition? after = null)
    {
        var events = await source.ReadAllAsync(filter, after ?? store.Start);
        return [.. events.Where(seen => store.Owns(seen.Stream))];
    }

    /// <summary>Collects all events, or as many as there are to be at least.</summary>
    public static async Task<List<SeenEvent>> CollectAsync(this IAsyncEnumerable<EventBatch> batches, int count = int.MaxValue)
    {
        var events = new List<SeenEvent>();
        await foreach (var batch in batches)
        {
            using (batch)
            {
                events.AddRange(batch.Memory.ToArray().Select(SeenEvent.Of));
            }

            if (events.Count >= count)
            {
                break;
            }
        }

        return events;
    }

    /// <summary>Follows from a position until something lies behind it.</summary>
    /// <returns>How far the source has then come.</returns>
    public static async Task<EventPosition> MovedAsync(this IEventSource source, EventPosition after)
    {
        await foreach (var batch in source.FollowAsync(after, EventFilter.All, CancellationToken.None))
        {
            using (batch)
            {
                if (batch.Through > after)
                {
                    return batch.Through;
                }
            }
        }

        throw new InvalidOperationException("Following has come to an end.");
    }

    public static Task<EventStoreDbSource> OpenAsync(this TestNode node, EventStoreDbSourceOptions? options = null) =>
        Opened.SourceAsync(node.ConnectionString, options ?? Quick);

    public static Task<EventStoreDbSource> OpenSourceAsync(this StoreUnderTest store, EventStoreDbSourceOptions? options = null) =>
        Opened.SourceAsync(store.ConnectionString, options);

    public static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
