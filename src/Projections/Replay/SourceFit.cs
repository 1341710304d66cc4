using System.Globalization;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Replay;

/// <summary>Whether a version's rows can be built from what a source has. Found before a replay, not in it.</summary>
internal static class SourceFit
{
    /// <summary>Everything that stands against it, a sentence or two each; empty when nothing does.</summary>
    public static async Task<IReadOnlyList<string>> FindObstaclesAsync(IEventSource source, ProjectionVersion version, CancellationToken cancellationToken) =>
    [
        .. OfTenants(source, version),
        .. await source.FindObstaclesAsync(version.Filter, cancellationToken),
        .. await OfArchivedAsync(source, version, cancellationToken) is var (problem, wayOut) ? (string[])[$"{problem} {wayOut}"] : [],
        .. version.WithoutBeginning == StreamsWithoutBeginning.Fail ? await OfBeginningsAsync(source, version, cancellationToken) : [],
    ];

    /// <summary>What is said of streams whose first events are gone: as an obstacle, or of a version that says what becomes of them.</summary>
    public static async Task<IReadOnlyList<string>> OfBeginningsAsync(IEventSource source, ProjectionVersion version, CancellationToken cancellationToken) =>
        await source.FindLostBeginningsAsync(version.Filter, cancellationToken) is { Streams: > 0 } lost
            ? [$"In {source.Identity} {lost}. {WhatBecomes(version.WithoutBeginning)}"]
            : [];

    private static string WhatBecomes(StreamsWithoutBeginning choice) => choice switch
    {
        StreamsWithoutBeginning.Skip => "Events of theirs that find no row are passed over (StreamsWithoutBeginning.Skip).",
        StreamsWithoutBeginning.Fold => "What is left of them is folded (StreamsWithoutBeginning.Fold).",
        _ => "Their rows cannot be what they were. Override WithoutBeginning: StreamsWithoutBeginning.Skip leaves such streams out, Fold makes rows of what is left.",
    };

    /// <summary>What can be told without reading anything: rows of two tenants would be one where both have a stream of the same name.</summary>
    public static IEnumerable<string> OfTenants(IEventSource source, ProjectionVersion version)
    {
        if (version.IsByNameAlone && source.StreamsAreNamedPerTenant && !version.StreamsAreUniqueOverTenants)
        {
            yield return $"In {source.Identity} each tenant has streams of its own, and rows found ByStream() would be shared by tenants that have a stream of the same name. "
                + "Use ByTenantAndStream(); or, if no two tenants have such a stream, override StreamsAreUniqueOverTenants.";
        }
    }

    /// <summary>What stands against rows that are to go with their streams: whether one goes must not depend on when somebody looks.</summary>
    /// <returns>What was found, and the way out; <c>null</c> when nothing was, or rows stay anyway.</returns>
    public static async Task<(string Problem, string WayOut)?> OfArchivedAsync(IEventSource source, ProjectionVersion version, CancellationToken cancellationToken)
    {
        if (version.Archived != ArchivedStreams.Remove)
        {
            return null;
        }

        var (count, example) = await source.FindSilentlyArchivedAsync(version.Filter, cancellationToken);
        return count == 0
            ? null
            : (string.Create(
                    CultureInfo.InvariantCulture,
                    $"In {source.Identity} {count:N0} streams are archived without an event '{StreamArchived.Name}', '{example}' for one, and nothing says at which position their rows are to go."),
                "Append Marten's Archived to a stream before it is archived; for those that are, say ArchivedStreams.Keep.");
    }
}
