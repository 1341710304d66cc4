namespace Projections.EventStoreDb;

/// <summary>What is read of a store: all of it, or one stream.</summary>
public sealed record LogTarget
{
    private LogTarget(string? stream, bool resolvesLinks)
    {
        Stream = stream;
        ResolvesLinks = resolvesLinks;
    }

    /// <summary>The whole log. Links in it are passed over: what they point to is in the log itself.</summary>
    public static LogTarget All { get; } = new(null, resolvesLinks: false);

    /// <summary>The stream's name, or <c>null</c> for the whole log.</summary>
    public string? Stream { get; }

    /// <summary>Whether an event that is a link is given as what it points to.</summary>
    public bool ResolvesLinks { get; }

    internal bool IsAll => Stream is null;

    /// <summary>
    /// One stream. Positions are the revisions of its events; links in it are resolved, and passed over where what they point to is
    /// gone.
    /// </summary>
    public static LogTarget OfStream(string stream)
    {
        ArgumentException.ThrowIfNullOrEmpty(stream);
        return new(stream, resolvesLinks: true);
    }

    /// <summary>
    /// The events of all streams of a category, by the links that the server's projection <c>$by_category</c> writes into
    /// <c>$ce-category</c>; it must be running.
    /// </summary>
    public static LogTarget OfCategory(string category)
    {
        ArgumentException.ThrowIfNullOrEmpty(category);
        return OfStream($"$ce-{category}");
    }

    public override string ToString() => Stream ?? "$all";
}
