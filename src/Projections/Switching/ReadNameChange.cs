using Projections.Definitions;
using Projections.Events;
using Projections.Feeds;

namespace Projections.Switching;

/// <summary>How a read name comes to show another version.</summary>
public enum ChangeManner
{
    /// <summary>Nothing stood there; the view is new.</summary>
    Created,

    /// <summary>The view keeps all its columns, in order and type, and may get more at its end. Nobody notices, but for a prepared <c>SELECT *</c> where
    /// it gets more: it fails with "cached plan must not change result type".</summary>
    Replaced,

    /// <summary>
    /// A column goes or changes its type: the view is dropped and created in one transaction. Statements that name columns
    /// which stay as they were live on; a prepared one that shows a retyped column (<c>SELECT *</c> shows all) fails with
    /// "cached plan must not change result type". A numeric's precision and scale are part of its type.
    /// </summary>
    Recreated,
}

/// <summary>
/// What a switch does to the read name's columns: those that both versions have keep their order and type, new ones come at
/// the end.
/// </summary>
/// <param name="Manner">How the view is changed.</param>
/// <param name="Columns">The columns that it shows afterwards, in order.</param>
/// <param name="Lost">Columns that readers lose.</param>
/// <param name="Retyped">Columns whose type changes, with both types: <c>amount: integer → bigint</c>.</param>
/// <param name="Gained">Columns that readers gain.</param>
public sealed record ReadNameChange(
    ChangeManner Manner,
    IReadOnlyList<string> Columns,
    IReadOnlyList<string> Lost,
    IReadOnlyList<string> Retyped,
    IReadOnlyList<string> Gained)
{
    /// <summary>Works out the change.</summary>
    /// <param name="shown">The view's columns now; <c>null</c> when there is no view.</param>
    /// <param name="offered">The columns of the table that it is to show.</param>
    /// <param name="contract">The columns that it must show, no more and no fewer; <c>null</c> for all.</param>
    internal static ReadNameChange From(IReadOnlyList<ReadColumn>? shown, IReadOnlyList<ReadColumn> offered, IReadOnlyList<string>? contract)
    {
        var before = shown ?? [];
        var types = offered.ToDictionary(column => column.Name, column => column.Type);
        var kept = before.Where(column => types.ContainsKey(column.Name)).Select(column => column.Name);
        var all = kept.Concat(offered.Select(column => column.Name)).Distinct();
        List<string> columns = contract is null ? [.. all] : [.. contract.Where(types.ContainsKey)];

        List<string> lost = [.. before.Select(column => column.Name).Except(columns)];
        List<string> retyped =
        [
            .. before.Where(column => types.TryGetValue(column.Name, out var type) && type != column.Type && columns.Contains(column.Name))
                .Select(column => $"{column.Name}: {column.Type} → {types[column.Name]}"),
        ];
        var inPlace = lost.Count == 0 && retyped.Count == 0 && before.Select(column => column.Name).SequenceEqual(columns.Take(before.Count));
        var manner = shown is null ? ChangeManner.Created : inPlace ? ChangeManner.Replaced : ChangeManner.Recreated;
        return new ReadNameChange(manner, columns, lost, retyped, [.. columns.Except(before.Select(column => column.Name))]);
    }

    /// <summary>What a feed says of it, where all rows of the version follow.</summary>
    internal FeedSwitch InFeed(VersionId to, ProjectionVersion? definition, EventPosition position) =>
        FeedSwitch.AllOf(to, definition, position, Columns) with { Lost = Lost, Gained = Gained, Retyped = Retyped };
}
