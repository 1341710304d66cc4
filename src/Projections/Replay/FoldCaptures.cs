using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Feeds;
using Projections.Catalog.Reactions;
using Projections.Definitions;
using Projections.Feeds;
using Projections.Reactions;

namespace Projections.Replay;

/// <summary>What is kept of what happens to a version's rows while they are folded, to be committed with them.</summary>
/// <param name="Reactions">What follows from it.</param>
/// <param name="Feed">What a feed tells of it; <c>null</c> where there is none.</param>
internal sealed record FoldCaptures(ReactionCapture Reactions, FeedCapture? Feed)
{
    /// <summary>Nothing.</summary>
    public static FoldCaptures None => new(new ReactionCapture([]), null);

    /// <summary>Who is to be told of it; <c>null</c> for nobody.</summary>
    public IRowWatch? Watch => RowWatches.Of(Reactions.IsOn ? Reactions : null, Feed);

    /// <summary>Reads what is on.</summary>
    /// <param name="connection">The catalog.</param>
    /// <param name="system">The system.</param>
    /// <param name="definition">The version.</param>
    /// <param name="role">What it is to readers.</param>
    /// <param name="inLockstep">Whether reads may be switched to it, or from it, before what it folds is committed.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="ReactionUnknown">A reaction is on that this program does not have.</exception>
    public static async Task<FoldCaptures> OpenAsync(
        NpgsqlConnection connection, ProjectionSystem system, ProjectionVersion definition, VersionRole role, bool inLockstep, CancellationToken cancellationToken) =>
        new(
            new ReactionCapture(await ReactionState.ReadActiveAsync(connection, system.Registry, definition, role, cancellationToken)),
            await FeedState.OpenCaptureAsync(connection, definition, inLockstep, cancellationToken));
}
