using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>What has become of an event that was set aside.</summary>
internal enum DeadLetterStatus
{
    /// <summary>Nobody has decided yet.</summary>
    Waiting,

    /// <summary>It is to be folded once more, by whoever follows the version.</summary>
    Retry,

    /// <summary>A retry folded it.</summary>
    Resolved,

    /// <summary>Somebody decided that it does not count.</summary>
    Discarded,
}

/// <summary>An event that a version set aside, and what has become of it.</summary>
/// <param name="Version">The version.</param>
/// <param name="Event">The event.</param>
/// <param name="Status">What has become of it.</param>
/// <param name="Attempts">How often it was folded in vain.</param>
/// <param name="SetAsideAt">When.</param>
/// <param name="SetAsideBy">Who had it set aside, and why; <c>null</c> where the version sets such events aside by itself.</param>
/// <param name="DecidedBy">Who decided what is to become of it.</param>
/// <param name="DecidedAt">When that was.</param>
internal sealed record DeadLetter(
    VersionId Version, SetAsideEvent Event, DeadLetterStatus Status, int Attempts, DateTime SetAsideAt, Actor? SetAsideBy, string? DecidedBy, DateTime? DecidedAt)
{
    /// <summary>Whether it has had no messages of reactions, so that it is to have them once it is folded.</summary>
    public bool Reacts { get; init; }
}

/// <summary>The dead letters of the versions, kept in the transaction that passes them.</summary>
internal static class DeadLetters
{
    internal static async Task AddAsync(
        NpgsqlConnection connection, VersionId version, IReadOnlyList<SetAsideEvent> events, CancellationToken cancellationToken)
    {
        foreach (var e in events)
        {
            await connection.ExecuteAsync(
                """
                insert into projections.dead_letter (projection, number, position_major, position_minor, stream, stream_version,
                    type, data, metadata, event_time, tenant, stage, error)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                -- It stands there already when it was retried and failed again.
                on conflict (projection, number, position_major, position_minor) do update
                set error = excluded.error, stage = excluded.stage, status = 'waiting', attempts = dead_letter.attempts + 1
                """,
                cancellationToken,
                version.Projection.Value, version.Number, e.Position.Major, e.Position.Minor, e.Stream, e.StreamVersion,
                e.Type, e.Data, e.Metadata, e.Time, e.Tenant, e.Stage == PoisonStage.Decode ? "decode" : "fold", e.Error);
        }
    }

    /// <summary>Reads a version's dead letters in the order of their positions; with a status or a position, only those.</summary>
    public static async Task<IReadOnlyList<DeadLetter>> ReadAsync(
        NpgsqlConnection connection, VersionId version, DeadLetterStatus? status, int limit, CancellationToken cancellationToken, EventPosition? position = null) =>
        await connection.QueryAsync(
            """
            select position_major, position_minor, d.stream, d.stream_version, d.type, d.data, d.metadata, d.event_time, d.tenant, d.stage, d.error,
                   d.status, d.attempts, d.set_aside_at, d.decided_by, d.decided_at, s.who, s.why, d.reacts
            from projections.dead_letter d
            left join projections.set_aside s using (projection, number, position_major, position_minor)
            where projection = $1 and number = $2 and ($3::text is null or d.status = $3)
              and ($5::bigint is null or (position_major = $5 and position_minor = $6))
            order by position_major, position_minor limit $4
            """,
            row => new DeadLetter(
                version,
                new SetAsideEvent(
                    new EventPosition(row.GetInt64(0), row.GetInt64(1)), row.GetString(2), row.GetInt64(3), row.GetString(4),
                    row.GetFieldValue<byte[]>(5), row.GetFieldValue<byte[]>(6), row.GetDateTime(7), row.GetNullable<string>(8),
                    row.GetString(9) == "decode" ? PoisonStage.Decode : PoisonStage.Fold, row.GetString(10)),
                Enum.Parse<DeadLetterStatus>(row.GetString(11), ignoreCase: true),
                row.GetInt32(12),
                row.GetDateTime(13),
                row.GetNullable<string>(16) is { } who ? new Actor(who, row.GetString(17)) : null,
                row.GetNullable<string>(14),
                row.GetNullableValue<DateTime>(15))
            {
                Reacts = row.GetBoolean(18),
            },
            cancellationToken,
            version.Projection.Value,
            version.Number,
            status is { } wanted ? Text(wanted) : null,
            limit,
            position?.Major,
            position?.Minor);

    /// <summary>Counts the dead letters that wait for a decision, by version; versions without any are left out.</summary>
    internal static async Task<Dictionary<VersionId, long>> CountWaitingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var counts = await connection.QueryAsync(
            "select projection, number, count(*) from projections.dead_letter where status = 'waiting' group by projection, number",
            row => (Id: new VersionId(new ProjectionName(row.GetString(0)), row.GetInt32(1)), Count: row.GetInt64(2)),
            cancellationToken);
        return counts.ToDictionary(row => row.Id, row => row.Count);
    }

    /// <summary>Marks waiting dead letters, all of a version or one, for a retry or as discarded.</summary>
    /// <returns>How many were marked.</returns>
    internal static Task<int> DecideAsync(
        NpgsqlConnection connection, VersionId version, EventPosition? position, DeadLetterStatus decision, Actor actor, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            update projections.dead_letter set status = $5, decided_by = $6, decided_at = clock_timestamp()
            where projection = $1 and number = $2 and status = 'waiting'
              and ($3::bigint is null or (position_major = $3 and position_minor = $4))
            """,
            cancellationToken,
            version.Projection.Value, version.Number, position?.Major, position?.Minor, Text(decision), actor.Who);

    /// <summary>Marks dead letters whose retry was folded in the same transaction.</summary>
    internal static Task ResolveAsync(
        NpgsqlConnection connection, VersionId version, IEnumerable<EventPosition> positions, CancellationToken cancellationToken)
    {
        var resolved = positions.ToArray();
        return connection.ExecuteAsync(
            """
            update projections.dead_letter d set status = 'resolved', attempts = attempts + 1
            from unnest($3::bigint[], $4::bigint[]) as r(major, minor)
            where d.projection = $1 and d.number = $2 and d.position_major = r.major and d.position_minor = r.minor
            """,
            cancellationToken,
            version.Projection.Value, version.Number,
            resolved.Select(position => position.Major).ToArray(), resolved.Select(position => position.Minor).ToArray());
    }

    private static string Text(DeadLetterStatus status) => status switch
    {
        DeadLetterStatus.Waiting => "waiting",
        DeadLetterStatus.Retry => "retry",
        DeadLetterStatus.Resolved => "resolved",
        DeadLetterStatus.Discarded => "discarded",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "There is no such status."),
    };
}
