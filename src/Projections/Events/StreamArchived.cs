using System.Text.Json;

namespace Projections.Events;

/// <summary>Marten's event that ends a stream which is then archived. What else it says is no matter here.</summary>
public readonly record struct StreamArchived
{
    /// <summary>Its name in the store, whatever the naming of the application's own events is.</summary>
    public const string Name = "archived";

    internal static EventDecoder<StreamArchived> Decoder { get; } = new JsonUpcastingDecoder<StreamArchived>(static (JsonElement _) => default);
}
