using System.Globalization;
using Npgsql;
using Projections.Events;
using Projections.Postgres;
using Projections.PostgresEvents.Layout;

namespace Projections.PostgresEvents.Reading;

/// <summary>
/// Looks for streams whose first events are gone: compacted, deleted, or cut off with a partition. A stream shows it by the place that it begins at. One of
/// which nothing is left shows in the table of streams, where there is one, and by numbers that were given out and hold no event.
/// </summary>
internal sealed class BeginningSearch(NpgsqlConnection connection, EventTableLayout layout)
{
    private const int MostExamples = 3;

    // Appends that fail leave numbers without events, too.
    private const double TellingShare = 0.01;

    private string Stream => EventTableLayout.Column(layout.Mapping.Stream);

    private string Tenant => EventTableLayout.Column(layout.Mapping.Tenant!);

    private string Type => EventTableLayout.Column(layout.Mapping.Type);

    private string Place => EventTableLayout.Column(layout.Mapping.StreamVersion);

    /// <param name="upTo">The safe head, up to which no number can still get an event.</param>
    /// <param name="filter">What is wanted.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    public async ValueTask<LostBeginnings> RunAsync(long upTo, EventFilter filter, CancellationToken cancellationToken)
    {
        if (layout.Mapping.FirstInStream is not { } first)
        {
            return LostBeginnings.None;
        }

        var numbers = await CountAsync(upTo, cancellationToken);
        if (numbers.AreAllThere)
        {
            return LostBeginnings.None with { Traces = [.. EmptyNumbers(upTo, numbers)] };
        }

        var lost = await FindAsync(first, upTo, filter, cancellationToken);
        return lost with { Traces = [.. await FindEmptyStreamsAsync(filter, cancellationToken), .. EmptyNumbers(upTo, numbers)] };
    }

    /// <summary>Whether the first event of an event's stream is gone.</summary>
    public async ValueTask<bool> IsLostAsync(RecordedEvent one, CancellationToken cancellationToken)
    {
        if (layout.Mapping.FirstInStream is not { } first || one.StreamVersion <= first)
        {
            return false;
        }

        var tenant = layout.StreamsHaveTenants && one.Tenant is { } named ? $" AND {Tenant} = {SqlName.Literal(named)}" : "";
        await using var command = new NpgsqlCommand(
            $"SELECT NOT EXISTS (SELECT FROM {layout.Table} AS e WHERE {layout.InStreams([one.Stream])}{tenant} AND {Place} = {first})", connection);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    // Most streams show by their wanted events alone that they are whole. Of the others the first event of any type is looked at, by the index that keeps two
    // events from the same place. An event that was put in the place of others is a beginning where it is wanted; where it is not, it counts as one
    // that is wanted, for what it stands for was.
    private async Task<LostBeginnings> FindAsync(long first, long upTo, EventFilter filter, CancellationToken cancellationToken)
    {
        var standsIn = layout.Mapping.StandIns.Count == 0 ? "false" : $"{Type} LIKE ANY ({SqlName.Literal(layout.Mapping.StandIns)})";
        var isWanted = filter.Types is { } types ? $"{Type} = ANY ({SqlName.Literal(types)})" : "true";
        var (tenantOfStream, ofTenant) = layout.StreamsHaveTenants ? ($", {Tenant} AS tenant", $" AND {Tenant} = late.tenant") : ("", "");
        await using var command = new NpgsqlCommand(
            $"""
            WITH late AS (
                SELECT {Stream} AS stream{tenantOfStream}
                FROM {layout.Table} AS e
                WHERE {layout.Where(0, upTo, filter with { Types = null })} AND ({isWanted} OR {standsIn})
                GROUP BY {Stream}{(layout.StreamsHaveTenants ? $", {Tenant}" : "")}
                HAVING min({Place}) > {first}
            ), lost AS MATERIALIZED (
                SELECT late.stream::text AS stream, began.place, CASE WHEN began.stands_in THEN began.type END AS stand_in
                FROM late
                    CROSS JOIN LATERAL (
                        SELECT {Place}::int8 AS place, {Type} AS type, {standsIn} AS stands_in, {isWanted} AS is_wanted
                        FROM {layout.Table} AS e
                        WHERE {Stream} = late.stream{ofTenant}
                        ORDER BY {Place}
                        LIMIT 1
                    ) AS began
                WHERE began.place > {first} AND NOT (began.stands_in AND began.is_wanted)
            )
            SELECT
                (SELECT count(*) FROM lost),
                (SELECT coalesce(sum(place - {first}), 0)::int8 FROM lost),
                (SELECT coalesce(array_agg(format('''%s'' begins at version %s', stream, place)), ARRAY[]::text[]) FROM (SELECT * FROM lost ORDER BY stream LIMIT {MostExamples}) AS named),
                (SELECT coalesce(array_agg(DISTINCT stand_in) FILTER (WHERE stand_in IS NOT NULL), ARRAY[]::text[]) FROM lost)
            """,
            connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new LostBeginnings(reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<string[]>(2)) { StandIns = reader.GetFieldValue<string[]>(3) };
    }

    private async Task<IEnumerable<string>> FindEmptyStreamsAsync(EventFilter filter, CancellationToken cancellationToken)
    {
        if (layout.Mapping is not { StreamsTable: { } streams, LastInStream: { } last })
        {
            return [];
        }

        await using var command = new NpgsqlCommand(
            $"""
            WITH gone AS MATERIALIZED (
                SELECT s.id::text AS stream, s.{SqlName.Quote(last)}::int8 AS events
                FROM {SqlName.Quote(layout.Mapping.Schema, streams)} AS s
                WHERE s.{SqlName.Quote(last)} > 0{(filter.Category is { } category ? $" AND {layout.StreamInCategory(SqlName.Literal(category))}" : "")}
                    AND NOT EXISTS (SELECT FROM {layout.Table} AS e WHERE {layout.OfStream})
            )
            SELECT
                (SELECT count(*) FROM gone),
                (SELECT coalesce(sum(events), 0)::int8 FROM gone),
                (SELECT string_agg(format('''%s''', stream), ', ') FROM (SELECT stream FROM gone ORDER BY stream LIMIT {MostExamples}) AS named)
            """,
            connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetInt64(0) is > 0 and var count
            ? [string.Create(
                CultureInfo.InvariantCulture,
                $"{count:N0} {(count == 1 ? "stream has" : "streams have")} none of {(count == 1 ? "its" : "their")} {reader.GetInt64(1):N0} events any more: {reader.GetString(2)}{(count > MostExamples ? ", …" : "")}.")]
            : [];
    }

    // Where the table of streams says how many events each has, one count tells that none is missing, and the search, which takes several times as long, has
    // nothing to find. Both in one statement, as events come all the time.
    private async Task<Numbers> CountAsync(long upTo, CancellationToken cancellationToken)
    {
        var expected = layout.Mapping is { StreamsTable: { } streams, LastInStream: { } last }
            ? $"(SELECT sum({SqlName.Quote(last)})::int8 FROM {SqlName.Quote(layout.Mapping.Schema, streams)})"
            : "NULL::int8";
        await using var command = new NpgsqlCommand(
            $"SELECT count(*), count(*) FILTER (WHERE {layout.Position} <= {upTo}), coalesce(min({layout.Position}), 0)::int8, {expected} FROM {layout.Table} AS e", connection)
        {
            CommandTimeout = 0,
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Numbers(reader.GetInt64(1), reader.GetInt64(2), !await reader.IsDBNullAsync(3, cancellationToken) && reader.GetInt64(3) == reader.GetInt64(0));
    }

    private static IEnumerable<string> EmptyNumbers(long upTo, Numbers numbers)
    {
        var empty = upTo - numbers.Events;
        if (empty > upTo * TellingShare)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{empty:N0} of {upTo:N0} event numbers hold no event (the first that does is {numbers.First:N0}). Appends that fail leave such, and so do rows that were deleted, partitions that were dropped and tenants that were purged, of which nothing else can be seen.");
        }
    }

    /// <param name="Events">How many numbers up to the head hold an event.</param>
    /// <param name="First">The first that does.</param>
    /// <param name="AreAllThere">Whether every stream has as many events as it was given.</param>
    private readonly record struct Numbers(long Events, long First, bool AreAllThere);
}
