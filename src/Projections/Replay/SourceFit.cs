using System.Globalization;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Replay;

/// <summary>Whether a version's rows can be built from what a source has. Found before a replay, not in it.</summary>
/// <param name="Obstacles">Everything that stands against it, a sentence or two each; empty when nothing does.</param>
/// <param name="Remarks">What a person should know of it all the same.</param>
internal sealed record SourceFit(IReadOnlyList<string> Obstacles, IReadOnlyList<string> Remarks)
{
    /// <summary>Looks at all that the source has. May take as long as reading it.</summary>
    public static async Task<SourceFit> FindAsync(IEventSource source, ProjectionVersion version, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> obstacles =
        [
            .. OfTenants(source, version),
            .. await source.FindObstaclesAsync(version.Filter, cancellationToken),
            .. await OfArchivedAsync(source, version, cancellationToken) is var (problem, wayOut) ? (string[])[$"{problem} {wayOut}"] : [],
        ];
        var lost = await source.FindLostBeginningsAsync(version.Filter, cancellationToken);
        var traces = lost.Traces.Select(trace => $"In {source.Identity} {trace}");
        if (lost.Streams == 0)
        {
            return new SourceFit(obstacles, [.. traces]);
        }

        var told = $"In {source.Identity} {lost}. {OfStandIns(lost)}{WhatBecomes(version.WithoutBeginning)}";
        return version.WithoutBeginning == StreamsWithoutBeginning.Fail
            ? new SourceFit([.. obstacles, told], [.. traces])
            : new SourceFit(obstacles, [told, .. traces]);
    }

    private static string OfStandIns(LostBeginnings lost) => lost.StandIns.Count == 0
        ? ""
        : $"The events of the type{(lost.StandIns.Count == 1 ? "" : "s")} {string.Join(", ", lost.StandIns.Select(type => $"'{type}'"))} stand for what is gone: "
            + "map them to a type with the snapshot, and make the row of that (Creates, with WhenPresent.Replace), and such streams count as whole. ";

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
