using Npgsql;
using Projections.Catalog;
using Projections.Operations;

namespace Projections.Checks;

/// <summary>What the rules look at.</summary>
/// <param name="Connection">A connection to the read models without a transaction.</param>
/// <param name="Schema">The schema of the read models.</param>
/// <param name="Projection">The projection, with the source's safe head.</param>
/// <param name="Status">The version, with its lag.</param>
/// <param name="MovedAt">When it was last seen to have moved, or to have nothing to do.</param>
/// <param name="StandbySince">Since when it stands by, if it does.</param>
/// <param name="Options">What is expected of it.</param>
/// <param name="Now">The time of the check, in UTC.</param>
internal sealed record CheckSubject(
    NpgsqlConnection Connection,
    string Schema,
    ProjectionStatus Projection,
    VersionStatus Status,
    DateTime MovedAt,
    DateTime? StandbySince,
    CatchUpOptions Options,
    DateTime Now)
{
    public VersionSnapshot Version => Status.Version;

    public string Name => Version.Id.Projection.Value;

    public bool IsLive => Projection.Projection.LiveVersion == Version.Id.Number;

    /// <summary>Whether it is to be kept current, or readers see it whether it is or not.</summary>
    public bool OughtToBeCurrent => !Version.External && (Version.State.IsFollowed() || IsLive);
}
