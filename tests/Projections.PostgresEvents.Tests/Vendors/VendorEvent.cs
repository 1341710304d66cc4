using System.Text;
using System.Text.Json.Nodes;
using Projections.Events;

namespace Projections.PostgresEvents.Tests.Vendors;

/// <summary>An event, as the store's own code says it has it, or as our source reads it.</summary>
internal sealed record VendorEvent(string Stream, long Version, long Position, string Type, string Data, string Metadata)
{
    /// <summary>Reads everything through our source.</summary>
    public static async Task<List<VendorEvent>> ReadAsync(IEventSource source, EventFilter filter)
    {
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        head.Hold.ShouldBeNull();
        var events = new List<VendorEvent>();
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, filter, CancellationToken.None))
        {
            using (batch)
            {
                foreach (var read in batch.Events)
                {
                    events.Add(new VendorEvent(
                        read.Stream.Text, read.StreamVersion, read.Position.Major, read.Type, Normal(read.Data.Span), Normal(read.Metadata.Span)));
                }
            }
        }

        return events;
    }

    /// <summary>The same JSON always comes out as the same text.</summary>
    public static string Normal(JsonNode? json) => json switch
    {
        JsonObject members => "{" + string.Join(",", members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"\"{member.Key}\":{Normal(member.Value)}")) + "}",
        JsonArray items => "[" + string.Join(",", items.Select(Normal)) + "]",
        _ => json?.ToJsonString() ?? "null",
    };

    private static string Normal(ReadOnlySpan<byte> json) => Normal(JsonNode.Parse(Encoding.UTF8.GetString(json)));
}
