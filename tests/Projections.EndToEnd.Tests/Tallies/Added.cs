using System.Text.Json.Serialization;
using Projections.Events;

namespace Projections.EndToEnd.Tallies;

/// <summary>Something was added to a stream's tally.</summary>
public sealed record Added(int Amount);

[JsonSerializable(typeof(Added))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class TallyJson : JsonSerializerContext;

internal static class TallyEvents
{
    public const string Added = "added";

    public static EventTypes Types { get; } = EventTypes.Create(types => types.Using(TallyJson.Default).Map<Added>(Added));
}
