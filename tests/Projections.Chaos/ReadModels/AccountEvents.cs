using System.Text.Json.Serialization;
using Projections.Events;

namespace Projections.Chaos.ReadModels;

/// <summary>An account was opened: the first event of its stream.</summary>
public sealed record Opened(string Customer);

/// <summary>An amount was booked on an open account.</summary>
public sealed record Booked(string Customer, int Amount);

/// <summary>The account was closed: the last event of its stream.</summary>
public sealed record Closed(string Customer);

[JsonSerializable(typeof(Opened))]
[JsonSerializable(typeof(Booked))]
[JsonSerializable(typeof(Closed))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class AccountJson : JsonSerializerContext;

internal static class AccountEvents
{
    public const string Opened = "opened";
    public const string Booked = "booked";
    public const string Closed = "closed";

    public static EventTypes Types { get; } = EventTypes.Create(
        types => types.Using(AccountJson.Default).Map<Opened>(Opened).Map<Booked>(Booked).Map<Closed>(Closed));
}
