using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Projections.Events;

namespace Projections.EventStoreDb.Tests.Vendor;

/// <summary>An event as one of the two sides saw it, in a form in which they can be compared.</summary>
internal sealed record VendorEvent(EventPosition Position, string Stream, long Revision, string Type, string Data, string Metadata, long Milliseconds)
{
    /// <summary>Reads what vendor.mjs printed; <c>null</c> for a link to what is gone.</summary>
    public static VendorEvent? Parse(string line, bool byRevision = false)
    {
        var json = JsonNode.Parse(line)!.AsObject();
        if (json["type"] is null)
        {
            return null;
        }

        var position = byRevision ? new EventPosition(Number(json, "place")) : new EventPosition(Number(json, "commit"), Number(json, "prepare"));
        return new VendorEvent(
            position,
            (string)json["stream"]!,
            Number(json, "revision"),
            (string)json["type"]!,
            Body(Convert.FromBase64String((string)json["data"]!)),
            Canonical(Convert.FromBase64String((string)json["metadata"]!)),
            Number(json, "created"));
    }

    public static VendorEvent Of(in RecordedEvent recorded) => new(
        recorded.Position,
        recorded.Stream.Text,
        recorded.StreamVersion,
        recorded.Type,
        Canonical(recorded.Data.ToArray()),
        Canonical(recorded.Metadata.ToArray()),
        (recorded.Time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond);

    // We give an empty body as an object without members.
    private static string Body(byte[] bytes) => bytes.Length == 0 ? "{}" : Canonical(bytes);

    // JSON goes out of JavaScript as it came in only up to white space and escapes.
    private static string Canonical(byte[] bytes)
    {
        try
        {
            // JavaScript's numbers have 53 bits; the end of a deleted stream has 63.
            return JsonNode.Parse(Encoding.UTF8.GetString(bytes))?.ToJsonString().Replace("9223372036854775807", "9223372036854776000") ?? "null";
        }
        catch (JsonException)
        {
            return Convert.ToHexString(bytes);
        }
    }

    private static long Number(JsonObject json, string name) => long.Parse(json[name]!.ToString(), CultureInfo.InvariantCulture);
}
