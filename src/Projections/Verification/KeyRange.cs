namespace Projections.Verification;

/// <summary>The rows whose keys lie behind one key, up to another. Keys are PostgreSQL's text for them, a part a column.</summary>
/// <param name="After">The key behind which it begins, or <c>null</c> for the beginning.</param>
/// <param name="Through">Its last key, or <c>null</c> for the end.</param>
internal readonly record struct KeyRange(string[]? After, string[]? Through)
{
    /// <summary>All rows.</summary>
    public static readonly KeyRange All;
}
