using System.Text;
using Projections.Events;
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

    public static async Task<List<SeenEvent>> ReadAllAsync(this IEventSource source, EventFilter? filter = null, EventPosition? after = null)
    {
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        return await source.ReadAsync(after ?? EventPosition.BeforeFirst, head.Position, filter ?? EventFilter.All, CancellationToken.None).CollectAsync();
    }

    public static async Task<List<SeenEvent>> CollectAsync(this IAsyncEnumerable<EventBatch> batches)
    {
        var events = new List<SeenEvent>();
        await foreach (var batch in batches)
        {
            using (batch)
            {
                events.AddRange(batch.Memory.ToArray().Select(SeenEvent.Of));
            }
        }

        return events;
    }

    public static Task<EventStoreDbSource> OpenAsync(this TestNode node, EventStoreDbSourceOptions? options = null) =>
        EventStoreDbSource.OpenAsync(node.ConnectionString, options ?? Quick);

    public static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
