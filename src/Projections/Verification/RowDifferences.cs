using Projections.Events;

namespace Projections.Verification;

/// <summary>Rows that differ in the same way.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Columns">The columns that differ; empty for rows that only one table has.</param>
/// <param name="Rows">How many there are.</param>
/// <param name="Samples">The first few of them, by key.</param>
internal sealed record RowDifferences(DifferenceKind Kind, IReadOnlyList<string> Columns, long Rows, IReadOnlyList<RowSample> Samples)
{
    /// <summary>These, and others that differ in the same way.</summary>
    public RowDifferences And(RowDifferences others) =>
        this with { Rows = Rows + others.Rows, Samples = [.. Samples.Concat(others.Samples).Take(RowComparison.SamplesPerKind)] };
}

/// <summary>In which way a row differs.</summary>
internal enum DifferenceKind
{
    /// <summary>Both tables have it, with other values.</summary>
    Values,

    OnlyEarlier,

    OnlyLater,
}

/// <summary>A row that differs. Values are PostgreSQL's text for them.</summary>
/// <param name="Key">The key, by column.</param>
/// <param name="Earlier">The other columns as the earlier table has them, declared changes applied, or <c>null</c> when it has no such row.</param>
/// <param name="Later">The same of the later table.</param>
internal sealed record RowSample(
    IReadOnlyDictionary<string, string?> Key, IReadOnlyDictionary<string, string?>? Earlier, IReadOnlyDictionary<string, string?>? Later)
{
    /// <summary>The same without the values of the columns; which row it is can still be seen.</summary>
    public RowSample Hidden() => this with { Earlier = Hide(Earlier), Later = Hide(Later) };

    private static Dictionary<string, string?>? Hide(IReadOnlyDictionary<string, string?>? row) =>
        row?.ToDictionary(column => column.Key, column => HiddenData.OfText(column.Value), StringComparer.Ordinal);
}
