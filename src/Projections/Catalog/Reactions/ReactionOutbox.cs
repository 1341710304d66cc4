using Npgsql;
using NpgsqlTypes;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Reactions;

namespace Projections.Catalog.Reactions;

/// <summary>
/// Puts captured messages into the outbox, in the transaction that commits the rows which they follow from, and behind the statements that move the
/// checkpoints: those lock the versions' rows, so that nobody switches reads meanwhile. Which version is live is asked there and then.
/// </summary>
internal static class ReactionOutbox
{
    /// <summary>The channel on which new messages are signalled.</summary>
    public const string Channel = "projections_messages";

    /// <summary>Whether an event at <c>m</c> has still to have its messages from the version <c>me</c>.</summary>
    private const string IsDue =
        """
        (m.major, m.minor) > (r.since_major, r.since_minor)
          and ($3 or ((m.major, m.minor) > (r.position_major, r.position_minor)
                      -- What the live version has passed has its messages from that one.
                      and (me.role = 'live' or not exists (
                          select from projections.version live
                          where live.projection = me.projection and live.role = 'live' and (live.position_major, live.position_minor) >= (m.major, m.minor)))))
        """;

    private const string AddMessages =
        $"""
        with due as (
            select m.*, me.role = 'live' or $3 as is_sent
            from unnest($4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::int[], $9::int[], $10::text[], $11::text[]) with ordinality
                as m(id, reaction, major, minor, nth_row, nth, type, body, place)
            join projections.version me on me.projection = $1 and me.number = $2
            join projections.reaction r on r.projection = $1 and r.name = m.reaction and r.is_on
            where {IsDue}),
        sent as (
            insert into projections.message (id, projection, reaction, position_major, position_minor, nth_row, nth, type, body)
            select id, $1, reaction, major, minor, nth_row, nth, type, body::json from due where is_sent order by place
            returning 1),
        held as (
            insert into projections.held_message (projection, number, id, reaction, position_major, position_minor, nth_row, nth, type, body)
            select $1, $2, id, reaction, major, minor, nth_row, nth, type, body::json from due where not is_sent)
        select pg_notify('{Channel}', '') from sent limit 1
        """;

    private const string AddFailed =
        $"""
        insert into projections.reaction_letter (projection, reaction, number, position_major, position_minor, nth_row,
            stream, stream_version, type, data, metadata, event_time, tenant, row_before, row_after, error, is_held)
        select $1, m.reaction, $2, m.major, m.minor, $7, $8, $9, $10, $11, $12, $13, $14, $15::text::json, $16::text::json, $17, me.role <> 'live' and not $3
        from (values ($4::text, $5::bigint, $6::bigint)) as m(reaction, major, minor)
        join projections.version me on me.projection = $1 and me.number = $2
        join projections.reaction r on r.projection = $1 and r.name = m.reaction and r.is_on
        where {IsDue}
        on conflict do nothing
        """;

    /// <summary>The statements that put into the outbox what follows from the rows that a version commits.</summary>
    /// <param name="version">The version, whose row is locked by the statements before.</param>
    /// <param name="capture">What follows.</param>
    /// <param name="late">Whether the events came out of their turn and are due whatever was passed.</param>
    public static IEnumerable<NpgsqlBatchCommand> Statements(VersionId version, ReactionCapture capture, bool late = false)
    {
        if (capture.Messages is { Count: > 0 } messages)
        {
            yield return new NpgsqlBatchCommand(AddMessages)
            {
                Parameters =
                {
                    Of(version.Projection.Value), Of(version.Number), Of(late),
                    Of(All(messages, message => message.Id)),
                    Of(All(messages, message => message.Reaction.Name)),
                    Of(All(messages, message => message.Position.Major)),
                    Of(All(messages, message => message.Position.Minor)),
                    Of(All(messages, message => message.Row)),
                    Of(All(messages, message => message.Nth)),
                    Of(All(messages, message => message.Message.Type)),
                    Of(All(messages, message => message.Message.Body)),
                },
            };
        }

        foreach (var failed in capture.Failed)
        {
            var e = failed.Event;
            yield return new NpgsqlBatchCommand(AddFailed)
            {
                Parameters =
                {
                    Of(version.Projection.Value), Of(version.Number), Of(late), Of(failed.Reaction.Name), Of(e.Position.Major), Of(e.Position.Minor), Of(failed.Row),
                    Of(e.Stream), Of(e.StreamVersion), Of(e.Type), Of(e.Data), Of(e.Metadata), Of(e.Time),
                    Text(e.Tenant), Text(failed.Before), Text(failed.After), Of(e.Error),
                },
            };
        }
    }

    /// <summary>The same in the transaction that is open on <paramref name="connection"/>.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, VersionId version, ReactionCapture capture, CancellationToken cancellationToken, bool late = false)
    {
        if (capture.IsEmpty)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in Statements(version, capture, late))
        {
            batch.BatchCommands.Add(statement);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Notes of events that a version has just set aside, and that so have had no messages, that they are to have them once they are folded.</summary>
    public static Task OweAsync(NpgsqlConnection connection, VersionId version, EventPosition after, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            update projections.dead_letter d set reacts = true
            from projections.version v
            where d.projection = $1 and d.number = $2 and (d.position_major, d.position_minor) > ($3, $4)
              and v.projection = d.projection and v.number = d.number and v.role = 'live'
            """,
            cancellationToken,
            version.Projection.Value,
            version.Number,
            after.Major,
            after.Minor);

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter Text(string? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static T[] All<T>(IReadOnlyList<CapturedMessage> messages, Func<CapturedMessage, T> value)
    {
        var values = new T[messages.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(messages[i]);
        }

        return values;
    }
}
