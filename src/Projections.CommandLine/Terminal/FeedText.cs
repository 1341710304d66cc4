using System.Globalization;
using Projections.Reports;

namespace Projections.CommandLine.Terminal;

/// <summary>A feed, for people.</summary>
internal static class FeedText
{
    public static string Of(FeedReport feed) => string.Concat(Parts(feed));

    private static IEnumerable<string> Parts(FeedReport feed)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"Feed: on since {feed.Since:u}, with what follows position {feed.GoesBackTo} ({feed.GoesBackSince:u}).");
        if (feed.PendingVersion is { } version)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $" Since the switch to v{version} at {feed.PendingSince:u} the rows in which it differs are looked for, and who reads the feed waits there; a worker that has v{version} does that.");
        }

        if (feed.IsPublished)
        {
            yield return feed.UnpublishedSince is { } since
                ? string.Create(CultureInfo.InvariantCulture, $" Messages wait to be published on the bus, the first since {since:u}; a service with a broker does that ('Bus:Transport').")
                : " All of it is published on the bus.";
        }
    }
}
