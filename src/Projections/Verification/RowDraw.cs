namespace Projections.Verification;

/// <summary>Some of a table's rows, drawn at random.</summary>
/// <param name="Sql">What follows the table's name in a query of them; <c>$1</c> is the size.</param>
/// <param name="Size">The size.</param>
internal sealed record RowDraw(string Sql, double Size)
{
    /// <summary>Which part of the rows that is, above 0 and at most 1, as far as it is known before they are drawn; else 0.</summary>
    public double ShareOfAll { get; private init; }

    /// <summary>Each row with a probability.</summary>
    public static RowDraw Share(double share) => new("where random() < $1", share) { ShareOfAll = share };

    /// <summary>So many rows, or all where there are fewer.</summary>
    public static RowDraw Of(int rows) => new("order by random() limit $1::bigint", rows);

    /// <summary>
    /// How many rows have to be looked at to meet a wrong one, if more than a share of all rows is wrong. Where rows are few, so that none is drawn twice, the certainty is greater.
    /// </summary>
    /// <param name="mistakes">The share.</param>
    /// <param name="certainty">With which probability a wrong one is to be met.</param>
    public static int SizeFor(double mistakes, double certainty) => (int)Math.Ceiling(Math.Log(1 - certainty) / Math.Log(1 - mistakes));
}
