using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Catalog.Reactions;

/// <summary>
/// What a switch does for reactions, in its own transaction: the version that readers saw so far has sent the messages of the events that it has passed, and the
/// one that they see from now on sends those of all others. Mostly both are at one position, and there is nothing to do.
/// </summary>
internal static class ReactionHandover
{
    /// <summary>Sends what the version holds that becomes live, beyond where the other one was.</summary>
    /// <param name="connection">Where the transaction is open. Both versions' rows are locked.</param>
    /// <param name="live">The version that was live, if we write it.</param>
    /// <param name="target">The version that becomes live.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public static async Task RunAsync(NpgsqlConnection connection, VersionSnapshot? live, VersionSnapshot target, CancellationToken cancellationToken)
    {
        var (projection, number) = (target.Id.Projection.Value, target.Id.Number);
        if (live?.Checkpoint is { } passed)
        {
            await PassAsync(connection, target.Id.Projection, passed, cancellationToken);
        }

        if (!await IsAnyOnAsync(connection, target.Id.Projection, cancellationToken))
        {
            return;
        }

        await connection.ExecuteAsync(
            $"""
            with due as (
                delete from projections.held_message h using projections.reaction r
                where h.projection = $1 and h.number = $2 and r.projection = $1 and r.name = h.reaction and r.is_on
                  and (h.position_major, h.position_minor) > (r.position_major, r.position_minor)
                returning h.*),
            sent as (
                insert into projections.message (id, projection, reaction, position_major, position_minor, nth_row, nth, type, body)
                select id, projection, reaction, position_major, position_minor, nth_row, nth, type, body
                from due order by position_major, position_minor, reaction, nth_row, nth
                returning 1)
            select pg_notify('{ReactionOutbox.Channel}', '') from sent limit 1
            """,
            cancellationToken,
            projection,
            number);
        await connection.ExecuteAsync(
            """
            update projections.reaction_letter l set is_held = false
            from projections.reaction r
            where l.projection = $1 and l.number = $2 and l.is_held and r.projection = $1 and r.name = l.reaction and r.is_on
              and (l.position_major, l.position_minor) > (r.position_major, r.position_minor)
            """,
            cancellationToken,
            projection,
            number);
        await connection.ExecuteAsync(
            """
            update projections.dead_letter d set reacts = true
            where d.projection = $1 and d.number = $2 and d.status in ('waiting', 'retry') and exists (
                select from projections.reaction r
                where r.projection = $1 and r.is_on and (d.position_major, d.position_minor) > (r.position_major, r.position_minor))
            """,
            cancellationToken,
            projection,
            number);
        if (target.Checkpoint is { } position)
        {
            await PassAsync(connection, target.Id.Projection, position, cancellationToken);
        }

        await ForgetAsync(connection, target.Id.Projection, cancellationToken);
    }

    /// <summary>Notes up to where events have had their messages, where the version that sent them is not live any more.</summary>
    public static Task PassAsync(NpgsqlConnection connection, ProjectionName projection, EventPosition position, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            update projections.reaction set position_major = $2, position_minor = $3
            where projection = $1 and is_on and (position_major, position_minor) < ($2, $3)
            """,
            cancellationToken,
            projection.Value,
            position.Major,
            position.Minor);

    /// <summary>Forgets what versions hold of events that have had their messages.</summary>
    public static async Task ForgetAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken)
    {
        foreach (var (table, condition) in new[] { ("held_message", "true"), ("reaction_letter", "h.is_held") })
        {
            await connection.ExecuteAsync(
                $"""
                delete from projections.{table} h
                where h.projection = $1 and {condition} and not exists (
                    select from projections.reaction r
                    where r.projection = $1 and r.name = h.reaction and r.is_on and (h.position_major, h.position_minor) > (r.position_major, r.position_minor))
                """,
                cancellationToken,
                projection.Value);
        }
    }

    /// <summary>Forgets what versions hold of events that the live one has passed since. It would not be sent; it only takes room.</summary>
    public static async Task ForgetPassedAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken)
    {
        foreach (var (table, condition) in new[] { ("held_message", "true"), ("reaction_letter", "h.is_held") })
        {
            await connection.ExecuteAsync(
                $"""
                delete from projections.{table} h using projections.version live
                where h.projection = $1 and {condition} and live.projection = $1 and live.role = 'live'
                  and (h.position_major, h.position_minor) <= (live.position_major, live.position_minor)
                """,
                cancellationToken,
                projection.Value);
        }
    }

    /// <summary>Forgets what a version holds whose table is no more.</summary>
    public static async Task ForgetAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("delete from projections.held_message where projection = $1 and number = $2", cancellationToken, version.Projection.Value, version.Number);
        await connection.ExecuteAsync(
            "delete from projections.reaction_letter where projection = $1 and number = $2 and is_held", cancellationToken, version.Projection.Value, version.Number);
    }

    private static Task<bool> IsAnyOnAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("select exists (select from projections.reaction where projection = $1 and is_on)", cancellationToken, projection.Value);
}
