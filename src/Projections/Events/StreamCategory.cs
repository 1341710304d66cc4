namespace Projections.Events;

/// <summary>The category of a stream: the part of its name before the first <c>-</c>.</summary>
internal static class StreamCategory
{
    /// <summary>
    /// Whether a stream is of a category. A stream that is named by a UUID has none in its name; what its store keeps as its type only
    /// the store can tell, so it counts as one that the source has let through.
    /// </summary>
    public static bool Matches(StreamId stream, string category) =>
        stream.IsGuid || (stream.Text is var name
            && name.StartsWith(category, StringComparison.Ordinal)
            && (name.Length == category.Length || name[category.Length] == '-'));
}
