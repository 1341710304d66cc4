using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Reactions;

namespace Projections.Catalog.Reactions;

/// <summary>An event that a reaction could not react to.</summary>
/// <param name="Reaction">The reaction's name.</param>
/// <param name="ReactionId">What tells the reaction from those of other databases.</param>
/// <param name="Number">The version whose row it was about.</param>
/// <param name="Event">The event, with what went wrong.</param>
/// <param name="Row">Which of the event's rows it was about, from 0.</param>
/// <param name="Before">The row before the event, as JSON.</param>
/// <param name="After">The row after it.</param>
/// <param name="Attempts">How often it was tried in vain.</param>
/// <param name="SetAsideAt">When it was set aside.</param>
/// <param name="DiscardedBy">Who decided that it is to have no messages, and why; <c>null</c> while it waits.</param>
/// <param name="DiscardedAt">When that was.</param>
internal sealed record ReactionLetter(
    string Reaction, Guid ReactionId, int Number, SetAsideEvent Event, int Row, string? Before, string? After, int Attempts, DateTime SetAsideAt, Actor? DiscardedBy, DateTime? DiscardedAt);

/// <summary>The events that reactions could not react to, kept in the transaction that passes them.</summary>
internal static class ReactionLetters
{
    /// <summary>Those that are meant by <c>$1</c> to <c>$4</c>: a projection's, with a reaction or a position only those. What a version ahead of the live one holds is none yet.</summary>
    private const string Meant =
        "l.projection = $1 and not l.is_held and ($2::text is null or l.reaction = $2) and ($3::bigint is null or (l.position_major = $3 and l.position_minor = $4))";

    /// <summary>Those that wait to be tried again, in the order of their events.</summary>
    public static Task<IReadOnlyList<ReactionLetter>> ReadWaitingAsync(
        NpgsqlConnection connection, ProjectionName projection, string? reaction, EventPosition? position, int limit, CancellationToken cancellationToken) =>
        ReadAsync(connection, projection, reaction, position, limit, " and l.discarded_at is null", cancellationToken);

    /// <summary>Those that wait and those that were discarded, in the order of their events.</summary>
    public static Task<IReadOnlyList<ReactionLetter>> ReadAsync(
        NpgsqlConnection connection, ProjectionName projection, string? reaction, EventPosition? position, int limit, CancellationToken cancellationToken) =>
        ReadAsync(connection, projection, reaction, position, limit, "", cancellationToken);

    /// <summary>Decides that those which wait are to have no messages. They stay listed.</summary>
    /// <returns>How many there were.</returns>
    public static Task<int> DiscardAsync(
        NpgsqlConnection connection, ProjectionName projection, string? reaction, EventPosition? position, Actor actor, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            $"""
            update projections.reaction_letter l set discarded_by = $5, discarded_why = $6, discarded_at = clock_timestamp()
            where {Meant} and l.discarded_at is null
            """,
            cancellationToken,
            projection.Value, reaction, position?.Major, position?.Minor, actor.Who, actor.Why);

    private static async Task<IReadOnlyList<ReactionLetter>> ReadAsync(
        NpgsqlConnection connection, ProjectionName projection, string? reaction, EventPosition? position, int limit, string only, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            $"""
            select reaction, number, position_major, position_minor, stream, stream_version, type, data, metadata, event_time, tenant, error,
                   nth_row, row_before::text, row_after::text, attempts, set_aside_at,
                   (select r.id from projections.reaction r where r.projection = l.projection and r.name = l.reaction),
                   discarded_by, discarded_why, discarded_at
            from projections.reaction_letter l
            where {Meant}{only}
            order by position_major, position_minor, reaction, nth_row limit $5
            """,
            row => new ReactionLetter(
                row.GetString(0),
                row.GetGuid(17),
                row.GetInt32(1),
                new SetAsideEvent(
                    row.GetPosition(2)!.Value, row.GetString(4), row.GetInt64(5), row.GetString(6), row.GetFieldValue<byte[]>(7), row.GetFieldValue<byte[]>(8),
                    row.GetDateTime(9), row.GetNullable<string>(10), PoisonStage.Fold, row.GetString(11)),
                row.GetInt32(12),
                row.GetNullable<string>(13),
                row.GetNullable<string>(14),
                row.GetInt32(15),
                row.GetDateTime(16),
                row.GetNullable<string>(18) is { } who ? new Actor(who, row.GetNullable<string>(19)) : null,
                row.GetNullableValue<DateTime>(20)),
            cancellationToken,
            projection.Value,
            reaction,
            position?.Major,
            position?.Minor,
            limit);

    /// <summary>Keeps why it was tried in vain once more.</summary>
    public static Task FailAgainAsync(NpgsqlConnection connection, ProjectionName projection, ReactionLetter letter, string error, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            $"update projections.reaction_letter set error = $7, attempts = attempts + 1 where {Same}", cancellationToken, [.. Key(projection, letter), error]);

    /// <summary>Puts what followed in the end into the outbox, in the letter's place.</summary>
    public static async Task ResolveAsync(
        NpgsqlConnection connection, Reaction reaction, ReactionLetter letter, IReadOnlyList<ReactionMessage> messages, CancellationToken cancellationToken)
    {
        if (await connection.ExecuteAsync($"delete from projections.reaction_letter where {Same}", cancellationToken, Key(reaction.Projection, letter)) == 0)
        {
            // Somebody else was quicker.
            return;
        }

        for (var nth = 0; nth < messages.Count; nth++)
        {
            var message = new CapturedMessage(reaction, letter.ReactionId, letter.Event.Position, letter.Row, nth, messages[nth]);
            await connection.ExecuteAsync(
                $"""
                with sent as (
                    insert into projections.message (id, projection, reaction, position_major, position_minor, nth_row, nth, type, body)
                    values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::json)
                    returning 1)
                select pg_notify('{ReactionOutbox.Channel}', '') from sent
                """,
                cancellationToken,
                message.Id, reaction.Projection.Value, reaction.Name, message.Position.Major, message.Position.Minor, message.Row, nth, message.Message.Type, message.Message.Body);
        }
    }

    private const string Same = "projection = $1 and reaction = $2 and position_major = $3 and position_minor = $4 and nth_row = $5 and number = $6";

    private static object?[] Key(ProjectionName projection, ReactionLetter letter) =>
        [projection.Value, letter.Reaction, letter.Event.Position.Major, letter.Event.Position.Minor, letter.Row, letter.Number];
}
