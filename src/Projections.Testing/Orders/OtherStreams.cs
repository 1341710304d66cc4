using System.Text;
using System.Text.Json.Nodes;
using Projections.Events;

namespace Projections.Testing.Orders;

/// <summary>Makes events of streams that a spec does not speak of: the like of those given, in other streams and, where that may be, with other values.</summary>
internal static class OtherStreams
{
    private const int MostNames = 9;

    /// <summary>How far values are changed, the most first: what a handler or a decoder refuses may pass unchanged.</summary>
    public static readonly IReadOnlyList<OtherValues> Kinds = [OtherValues.TextsAndNumbers, OtherValues.Numbers, OtherValues.None];

    /// <summary>Events of one other stream, in order.</summary>
    /// <param name="stream">The stream that it is like.</param>
    /// <param name="given">All events of the spec.</param>
    /// <param name="values">Which values are others.</param>
    public static IReadOnlyList<RecordedEvent> Like(StreamId stream, IReadOnlyList<RecordedEvent> given, OtherValues values)
    {
        var taken = given.Select(e => e.Stream).ToHashSet();
        var names = Enumerable.Range(1, MostNames).Select(turn => Turn(stream, turn));
        var other = names.FirstOrDefault(name => !taken.Contains(name), new StreamId($"{stream.Text}-other"));
        return [.. given.Where(e => e.Stream == stream).Select(e => e with { Stream = other, Data = Other(e.Data, values) })];
    }

    private static StreamId Turn(StreamId stream, int by)
    {
        if (stream.IsGuid || Guid.TryParse(stream.Text, out _))
        {
            var bytes = stream.Guid.ToByteArray();
            bytes[^1] = (byte)(bytes[^1] + by);
            return stream.IsGuid ? new StreamId(new Guid(bytes)) : new StreamId(new Guid(bytes).ToString());
        }

        // Whatever a key takes from the name stays as long as it is, and a number stays one.
        var name = stream.Text.ToCharArray();
        var last = Array.FindLastIndex(name, char.IsAsciiLetterOrDigit);
        if (last >= 0)
        {
            name[last] = Turn(name[last], by);
        }

        return new StreamId(new string(name));
    }

    private static ReadOnlyMemory<byte> Other(ReadOnlyMemory<byte> json, OtherValues values)
    {
        if (values == OtherValues.None)
        {
            return json;
        }

        try
        {
            return Encoding.UTF8.GetBytes(Other(JsonNode.Parse(json.Span), values)?.ToJsonString() ?? "null");
        }
        catch (System.Text.Json.JsonException)
        {
            return json;
        }
    }

    private static JsonNode? Other(JsonNode? node, OtherValues values) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Other(member.Value, values)))),
        JsonArray items => new JsonArray([.. items.Select(item => Other(item, values))]),
        JsonValue value when value.TryGetValue<decimal>(out var number) && number < long.MaxValue => JsonValue.Create(number + 1),
        JsonValue value when values == OtherValues.TextsAndNumbers && value.TryGetValue<string>(out var text) => JsonValue.Create(Other(text)),
        _ => node?.DeepClone(),
    };

    // The same text becomes the same other text everywhere, so that what refers to something goes on doing so.
    private static string Other(string text) =>
        DateTime.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _) ? text : string.Concat(text.Select(c => Turn(c, 1)));

    private static char Turn(char c, int by) => c switch
    {
        >= 'a' and <= 'z' => (char)('a' + ((c - 'a' + by) % 26)),
        >= 'A' and <= 'Z' => (char)('A' + ((c - 'A' + by) % 26)),
        >= '0' and <= '9' => (char)('0' + ((c - '0' + by) % 10)),
        _ => c,
    };
}

/// <summary>Which values of an event are others in another stream's.</summary>
internal enum OtherValues
{
    None,
    Numbers,
    TextsAndNumbers,
}
