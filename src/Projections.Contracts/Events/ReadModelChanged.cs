using System;
using System.Collections.Generic;
using System.Linq;

namespace Projections.Contracts;

/// <summary>
/// What became of the rows that readers of a projection see: a stretch of its feed, whose messages are in order, and between which nothing is left out. It comes at least once. A copy begins with a
/// snapshot of the feed, over HTTP; keeps the cursor of what it has; and takes what is <see cref="Behind"/> it, unless something is missing in between (<see cref="HasGapBehind"/>).
/// </summary>
public sealed class ReadModelChanged
{
    /// <summary>The projection: <c>invoice_summary</c>.</summary>
    public string Projection { get; set; } = "";

    /// <summary>The cursor that the first message follows.</summary>
    public string After { get; set; } = "";

    /// <summary>The messages.</summary>
    public IReadOnlyList<ReadModelMessage> Messages { get; set; } = Array.Empty<ReadModelMessage>();

    /// <summary>
    /// Whether anything lies between a copy and this: a message was lost, is yet to come (where several are handled at a time), or was dropped before it could be published. The copy reads the feed itself
    /// behind its cursor, or tries this message again later.
    /// </summary>
    /// <param name="cursor">The copy's.</param>
    /// <exception cref="FormatException">It is no cursor.</exception>
    public bool HasGapBehind(string cursor) => FeedCursorOrder.Compare(After, cursor) > 0;

    /// <summary>What a copy has not got yet.</summary>
    /// <param name="cursor">The copy's.</param>
    /// <exception cref="FormatException">It is no cursor.</exception>
    public IEnumerable<ReadModelMessage> Behind(string cursor) => Messages.Where(message => FeedCursorOrder.Compare(message.Cursor, cursor) > 0);
}

/// <summary>A message of a feed.</summary>
public sealed class ReadModelMessage
{
    /// <summary>What it tells: <c>changes</c> (of one event, or of a correction), <c>switched</c>, and behind that <c>rows</c> and <c>settled</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>Its place in the feed, which is also its id over HTTP.</summary>
    public string Cursor { get; set; } = "";

    /// <summary>The message, an object in JSON, as it comes over HTTP.</summary>
    public string Json { get; set; } = "";
}
