using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Reactions;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Reports;

/// <summary>A reaction as every door tells it.</summary>
/// <param name="Reaction">Its name.</param>
/// <param name="IsOn">Whether events have its messages.</param>
/// <param name="Since">The position behind which they have; <c>null</c> where it was never started.</param>
/// <param name="Waiting">How many messages wait to be passed on.</param>
/// <param name="WaitingSince">Since when the first of them does.</param>
/// <param name="Failed">How many events it could not react to; they wait to be tried again.</param>
/// <param name="Error">What went wrong with the first of them.</param>
/// <param name="Held">How many messages versions hold that are ahead of the live one; they count if reads are switched to it.</param>
/// <param name="IsKnown">Whether this program has it.</param>
internal sealed record ReactionReport(
    string Reaction, bool IsOn, EventPosition? Since, long Waiting, DateTime? WaitingSince, long Failed, string? Error, long Held, bool IsKnown)
{
    /// <summary>The reactions of all projections, those that are declared and those that were started.</summary>
    public static async Task<IReadOnlyDictionary<ProjectionName, IReadOnlyList<ReactionReport>>> ReadAsync(ProjectionSystem system, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var found = await connection.QueryAsync(
            """
            select r.projection, r.name, r.is_on, r.since_major, r.since_minor, m.count, m.since, l.count, l.error, h.count
            from projections.reaction r
            cross join lateral (select count(*), min(at) as since from projections.message m where m.projection = r.projection and m.reaction = r.name) m
            cross join lateral (select count(*), (array_agg(error order by position_major, position_minor))[1] as error
                                from projections.reaction_letter l where l.projection = r.projection and l.reaction = r.name and not l.is_held and l.discarded_at is null) l
            cross join lateral (
                select count(*) from projections.held_message h
                where h.projection = r.projection and h.reaction = r.name and not exists (
                    select from projections.version live
                    where live.projection = r.projection and live.role = 'live' and (live.position_major, live.position_minor) >= (h.position_major, h.position_minor))) h
            order by r.projection, r.name
            """,
            row => (Projection: new ProjectionName(row.GetString(0)), Report: new ReactionReport(
                row.GetString(1), row.GetBoolean(2), row.GetPosition(3), row.GetInt64(5), row.GetNullableValue<DateTime>(6), row.GetInt64(7), row.GetNullable<string>(8), row.GetInt64(9),
                IsKnown: false)),
            cancellationToken);
        var reports = found.ToDictionary(one => (one.Projection, one.Report.Reaction), one => one.Report);
        foreach (var reaction in system.Registry.Reactions)
        {
            var key = (reaction.Projection, reaction.Name);
            reports[key] = reports.TryGetValue(key, out var started)
                ? started with { IsKnown = true }
                : new ReactionReport(reaction.Name, IsOn: false, null, 0, null, 0, null, 0, IsKnown: true);
        }

        return reports.GroupBy(one => one.Key.Projection).ToDictionary(
            group => group.Key, group => (IReadOnlyList<ReactionReport>)[.. group.Select(one => one.Value).OrderBy(report => report.Reaction, StringComparer.Ordinal)]);
    }
}
