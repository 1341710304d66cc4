using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Projections.Events;

/// <summary>Says beside what a decoder missed what the JSON has: most often the same names in another case.</summary>
internal static class JsonMisfit
{
    private const int MostNamed = 20;
    private const int LongestName = 60;

    public static JsonException Of(JsonException unfit, ReadOnlySpan<byte> json, JsonTypeInfo shape) =>
        MembersOf(json) is { } members ? new JsonException($"{unfit.Message} {Describe(members, shape)}", unfit.Path, unfit.LineNumber, unfit.BytePositionInLine, unfit) : unfit;

    private static string Describe(List<string> members, JsonTypeInfo shape)
    {
        if (members.Count == 0)
        {
            return "The JSON has no members.";
        }

        var named = string.Join(", ", members.Take(MostNamed).Select(Shorten)) + (members.Count > MostNamed ? $" and {members.Count - MostNamed} more" : "");
        return $"The JSON has {named}.{OfCase(members, shape)}";
    }

    private static string OfCase(List<string> members, JsonTypeInfo shape)
    {
        var wanted = shape.Properties.Select(property => property.Name).ToHashSet(StringComparer.Ordinal);
        var other = shape.Options.PropertyNameCaseInsensitive
            ? null
            : members.Find(member => !wanted.Contains(member) && wanted.Contains(member, StringComparer.OrdinalIgnoreCase));
        return other is null
            ? ""
            : $" '{Shorten(other)}' is wanted in another case: name a PropertyNamingPolicy that writes as the store does, or PropertyNameCaseInsensitive, in the options of the event types.";
    }

    /// <returns>The names of the outermost object, or <c>null</c> where there is none.</returns>
    private static List<string>? MembersOf(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            var members = new List<string>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                members.Add(reader.GetString()!);
                reader.Skip();
            }

            return members;
        }
        catch (JsonException)
        {
            // Not JSON at all, which the first error says.
            return null;
        }
    }

    private static string Shorten(string name) => name.Length <= LongestName ? name : $"{name[..LongestName]}…";
}
