using Projections.Catalog.Announcements;
using Projections.Events;

namespace Projections.Verification;

/// <summary>What came of a comparison of two tables.</summary>
/// <param name="RowsOfEarlier">How many rows of the earlier table were compared; those left out on purpose do not count.</param>
/// <param name="RowsOfLater">How many rows of the later one.</param>
/// <param name="Differences">The rows that differ, gathered by what differs.</param>
/// <param name="LeftOut">The columns that were not compared.</param>
internal sealed record ComparisonResult(
    long RowsOfEarlier, long RowsOfLater, IReadOnlyList<RowDifferences> Differences, IReadOnlyList<ColumnLeftOut> LeftOut)
{
    public long OnlyInEarlier => Count(DifferenceKind.OnlyEarlier);

    public long OnlyInLater => Count(DifferenceKind.OnlyLater);

    /// <summary>How many rows are in both and have a column that differs.</summary>
    public long Differing => Count(DifferenceKind.Values);

    public long Equal => RowsOfEarlier - OnlyInEarlier - Differing;

    public bool Agrees => Differences.Count == 0;

    /// <summary>In how many rows each column differs; columns that nowhere differ are not in it.</summary>
    public IReadOnlyDictionary<string, long> DifferingByColumn => Differences
        .SelectMany(kind => kind.Columns.Select(column => (Column: column, kind.Rows)))
        .GroupBy(pair => pair.Column, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Sum(pair => pair.Rows), StringComparer.Ordinal);

    /// <summary>What came of these rows and of others of the same tables.</summary>
    public ComparisonResult And(ComparisonResult others) => this with
    {
        RowsOfEarlier = RowsOfEarlier + others.RowsOfEarlier,
        RowsOfLater = RowsOfLater + others.RowsOfLater,
        Differences = [.. Differences.Concat(others.Differences)
            .GroupBy(rows => (rows.Kind, string.Join('\0', rows.Columns)))
            .Select(same => same.Aggregate((some, more) => some.And(more)))],
    };

    /// <summary>The same without the values in its samples: <see cref="HiddenData"/>.</summary>
    public ComparisonResult Hidden() => this with
    {
        Differences = [.. Differences.Select(rows => rows with { Samples = [.. rows.Samples.Select(sample => sample.Hidden())] })],
    };

    /// <summary>The figures alone, as they are announced.</summary>
    internal ComparedRows ToRows() => new(Equal, Differing, OnlyInEarlier, OnlyInLater);

    private long Count(DifferenceKind kind) => Differences.Where(rows => rows.Kind == kind).Sum(rows => rows.Rows);
}
