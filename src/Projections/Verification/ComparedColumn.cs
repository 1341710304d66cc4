using Projections.Postgres;

namespace Projections.Verification;

/// <summary>A column that is compared, under the later version's name.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Earlier">SQL for its value in a row of the earlier table.</param>
/// <param name="Later">SQL for its value in a row of the later table.</param>
/// <param name="Type">How the two are compared.</param>
/// <param name="Key">How rows are put in order by it where it is part of the key, or <c>null</c>.</param>
internal sealed record ComparedColumn(string Name, string Earlier, string Later, ComparedType Type, ComparedKey? Key = null)
{
    public string Quoted => SqlName.Quote(Name);

    public bool IsKey => Key is not null;

    /// <summary>SQL for a 64 bit hash of the value that stands under <see cref="Quoted"/>; of NULL, too.</summary>
    /// <param name="seed">Another for each column, so that a value that has moved to another one does not go unnoticed.</param>
    public string Hash(int seed) => $"coalesce({Type.Hash(Quoted, seed)}, {seed})";
}

/// <summary>How rows of both tables are put into one order by a part of their key.</summary>
/// <param name="Ordinal">Its place in the key, from 1.</param>
/// <param name="Cast">What the column is turned into first, as SQL behind it; empty where both tables have the same order by themselves, so
/// that the key's index serves it.</param>
/// <param name="BoundCast">What turns a text into such a value.</param>
internal sealed record ComparedKey(int Ordinal, string Cast, string BoundCast);

/// <summary>A column that was left out of a comparison.</summary>
/// <param name="Name">The column.</param>
/// <param name="Why">Why: only one version has it, or its values cannot be compared.</param>
internal sealed record ColumnLeftOut(string Name, string Why);
