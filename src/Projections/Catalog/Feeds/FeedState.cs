using Npgsql;
using Projections.Definitions;
using Projections.Feeds;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>A feed's row in the catalog.</summary>
/// <param name="Projection">Of which projection.</param>
/// <param name="IsOn">Whether changes are written.</param>
/// <param name="KeepFor">How long they are kept.</param>
/// <param name="KeepRows">How many of them are kept at most; <c>null</c> for all.</param>
internal sealed record FeedState(ProjectionName Projection, bool IsOn, TimeSpan KeepFor, long? KeepRows)
{
    /// <returns><c>null</c> for a feed that was never started.</returns>
    public static async Task<FeedState?> ReadAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken) =>
        (await ReadAllAsync(connection, cancellationToken)).FirstOrDefault(feed => feed.Projection == projection);

    /// <summary>All that were ever started, by name.</summary>
    public static async Task<IReadOnlyList<FeedState>> ReadAllAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "select projection, is_on, keep_for, keep_rows from projections.feed order by projection",
            row => new FeedState(new ProjectionName(row.GetString(0)), row.GetBoolean(1), row.GetFieldValue<TimeSpan>(2), row.GetNullableValue<long>(3)),
            cancellationToken);

    /// <summary>
    /// What is to be captured of a version's rows. In a lockstep any version may be live by the time that it is committed; elsewhere only one counts that is live already, or
    /// whose rows are to be compared with those that readers see since a switch.
    /// </summary>
    /// <returns><c>null</c> for nothing.</returns>
    public static async Task<FeedCapture?> OpenCaptureAsync(
        NpgsqlConnection connection, ProjectionVersion version, bool mayBecomeLive, CancellationToken cancellationToken)
    {
        if (version.Rows is not { } rows)
        {
            return null;
        }

        var found = await connection.QueryAsync(
            """
            select p.contract
            from projections.feed f join projections.projection p on p.name = f.projection
            where f.projection = $1 and f.is_on and ($3
                or exists (select from projections.version v where v.projection = $1 and v.number = $2 and v.role = 'live')
                or exists (select from projections.feed_entry m where m.projection = $1 and m.is_pending and $2 in (m.version, m.from_version)))
            """,
            row => row.GetNullable<string[]>(0),
            cancellationToken,
            version.Id.Projection.Value,
            version.Id.Number,
            mayBecomeLive);
        return found is [var contract] ? new FeedCapture(rows.AsJson(contract)) : null;
    }
}
