using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Reports;

/// <summary>A feed that is on, as every door tells it.</summary>
/// <param name="Since">Since when it is on.</param>
/// <param name="GoesBackTo">The position behind which all is kept.</param>
/// <param name="GoesBackSince">When what is kept was committed.</param>
/// <param name="PendingVersion">A version to which reads were switched, and the rows in which it differs are still to be found; <c>null</c> where there is none.</param>
/// <param name="PendingSince">When they were.</param>
/// <param name="IsPublished">Whether it is published on the bus.</param>
/// <param name="UnpublishedSince">When the oldest message was committed that is still to be published; <c>null</c> where there is none.</param>
internal sealed record FeedReport(
    DateTime Since, EventPosition? GoesBackTo, DateTime? GoesBackSince, int? PendingVersion, DateTime? PendingSince, bool IsPublished, DateTime? UnpublishedSince)
{
    /// <summary>The feeds that are on.</summary>
    public static async Task<IReadOnlyDictionary<ProjectionName, FeedReport>> ReadAsync(ProjectionSystem system, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var found = await connection.QueryAsync(
            """
            select f.projection, f.since, o.position_major, o.position_minor, o.at, s.version, s.at, p.projection is not null, u.at
            from projections.feed f
            left join projections.feed_publication p on p.projection = f.projection
            left join lateral (
                select position_major, position_minor, at from projections.feed_entry e
                where e.projection = f.projection and kind in ('start', 'changes') order by number, part limit 1) o on true
            left join lateral (
                select version, at from projections.feed_entry e where e.projection = f.projection and is_pending order by number limit 1) s on true
            left join lateral (
                select at from projections.feed_entry e
                where e.projection = f.projection and (e.number, e.part) > (p.number, p.part) order by number, part limit 1) u on true
            where f.is_on
            """,
            row => (Projection: new ProjectionName(row.GetString(0)), Report: new FeedReport(
                row.GetDateTime(1), row.GetPosition(2), row.GetNullableValue<DateTime>(4), row.GetNullableValue<int>(5), row.GetNullableValue<DateTime>(6),
                row.GetBoolean(7), row.GetNullableValue<DateTime>(8))),
            cancellationToken);
        return found.ToDictionary(one => one.Projection, one => one.Report);
    }
}
