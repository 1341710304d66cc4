using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>
/// The catalog's list of shards. They are made, cut in two and removed in a transaction that has the version's row locked, by whoever has proved the lease of the version there; what moves
/// them otherwise is the commit of whoever holds the lease of one (<see cref="Checkpoints"/>).
/// </summary>
internal static class Shards
{
    /// <summary>In so many a version can be cut.</summary>
    public const int Most = 64;

    /// <summary>Cuts all streams of a version into so many shards, each at the version's checkpoint.</summary>
    /// <param name="connection">Where the version's row is locked.</param>
    /// <param name="locked">The version.</param>
    /// <param name="shares">The parts of its streams; they must not overlap, and leave nothing out.</param>
    /// <param name="end">Where they end: a safe head.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static Task AddAsync(NpgsqlConnection connection, VersionSnapshot locked, IReadOnlyList<StreamShare> shares, EventPosition end, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            insert into projections.shard (projection, number, from_hash, to_hash, position_major, position_minor, end_major, end_minor, last_event_major, last_event_minor, last_event_hash)
            select v.projection, v.number, part.from_hash, part.to_hash, v.position_major, v.position_minor, $5, $6, v.last_event_major, v.last_event_minor, v.last_event_hash
            from projections.version v, unnest($3::bigint[], $4::bigint[]) as part (from_hash, to_hash)
            where v.projection = $1 and v.number = $2
            """,
            cancellationToken,
            locked.Id.Projection.Value, locked.Id.Number, shares.Select(share => share.From).ToArray(), shares.Select(share => share.To).ToArray(), end.Major, end.Minor);

    /// <summary>The shards as they are now, locked until the transaction's end.</summary>
    public static async Task<IReadOnlyList<ShardSnapshot>> LockAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            $"select ({ShardSnapshot.Json})::text from projections.shard s where projection = $1 and number = $2 order by from_hash for update",
            row => ShardSnapshot.Read(row.GetString(0)),
            cancellationToken,
            version.Projection.Value, version.Number);

    /// <summary>
    /// Cuts a shard in two at its checkpoint. Whoever holds it finds its lease lost, and what it has not committed is folded again. Its name stays, by which
    /// the next holder ends its sessions.
    /// </summary>
    public static Task SplitAsync(NpgsqlConnection connection, ShardSnapshot locked, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            with lower as (
                update projections.shard
                set to_hash = $4, lease_epoch = lease_epoch + 1, lease_until = clock_timestamp() - interval '1 millisecond', progress_events = 0, events_per_second = null
                where projection = $1 and number = $2 and from_hash = $3)
            insert into projections.shard (projection, number, from_hash, to_hash, position_major, position_minor, checkpointed_at, end_major, end_minor,
                last_event_major, last_event_minor, last_event_hash, lease_holder, lease_until)
            select projection, number, $4, to_hash, position_major, position_minor, checkpointed_at, end_major, end_minor,
                last_event_major, last_event_minor, last_event_hash, lease_holder, clock_timestamp() - interval '1 millisecond'
            from projections.shard
            where projection = $1 and number = $2 and from_hash = $3
            """,
            cancellationToken,
            locked.Id.Version.Projection.Value, locked.Id.Version.Number, locked.Id.From, locked.Id.From + (locked.Width / 2));

    /// <summary>Takes all shards from whoever holds them.</summary>
    public static Task EndLeasesAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            update projections.shard
            set lease_until = clock_timestamp() - interval '1 millisecond', lease_epoch = lease_epoch + 1
            where projection = $1 and number = $2 and lease_until is not null
            """,
            cancellationToken,
            version.Projection.Value, version.Number);

    /// <summary>Whoever still holds one finds its lease lost.</summary>
    public static Task RemoveAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("delete from projections.shard where projection = $1 and number = $2", cancellationToken, version.Projection.Value, version.Number);

    /// <summary>Tells people what is being done for a shard.</summary>
    public static Task DescribeAsync(NpgsqlConnection connection, Lease lease, string? activity, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "update projections.shard set activity = $5 where projection = $1 and number = $2 and from_hash = $3 and lease_epoch = $4",
            cancellationToken,
            lease.Version.Projection.Value, lease.Version.Number, lease.Shard!.Id.From, lease.Epoch.Value, activity);
}
