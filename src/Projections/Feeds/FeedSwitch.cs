using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Feeds;

/// <summary>What a feed says where readers begin to see a version, and what it does to the columns.</summary>
/// <param name="From">The version that they saw before; <c>null</c> when none is known.</param>
/// <param name="To">The version that they see from here on.</param>
/// <param name="Position">Up to which position it is folded.</param>
/// <param name="Clear">Whether all of its rows follow, so that a copy is to be emptied; else only those that differ.</param>
/// <param name="Key">The columns by which a row is known.</param>
/// <param name="Columns">The columns that readers see.</param>
/// <param name="Lost">Columns that they see no more: a copy drops them.</param>
/// <param name="Gained">Columns that are new.</param>
/// <param name="Retyped">Columns whose type changes, with both types.</param>
internal sealed record FeedSwitch(
    int? From,
    int To,
    string Position,
    bool Clear,
    IReadOnlyList<string> Key,
    IReadOnlyList<string> Columns,
    IReadOnlyList<string> Lost,
    IReadOnlyList<string> Gained,
    IReadOnlyList<string> Retyped)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    /// <summary>Where all rows of a version follow, with no change of columns.</summary>
    /// <param name="to">The version.</param>
    /// <param name="definition">What this program has of it.</param>
    /// <param name="position">Up to which position it is folded.</param>
    /// <param name="columns">The columns that readers see.</param>
    public static FeedSwitch AllOf(VersionId to, ProjectionVersion? definition, EventPosition position, IReadOnlyList<string> columns) =>
        new(null, to.Number, position.ToString(), Clear: true, [.. (definition?.KeyColumns ?? []).Select(column => column.Name)], columns, [], [], []);

    public static FeedSwitch Parse(string text) => JsonSerializer.Deserialize<FeedSwitch>(text, Json)!;

    public override string ToString() => JsonSerializer.Serialize(this, Json);
}
