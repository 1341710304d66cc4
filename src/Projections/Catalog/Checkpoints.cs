using Npgsql;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>
/// Advances checkpoints. One statement moves a version's checkpoint, or a shard's, and proves that the lease's epoch is still current;
/// it is the last one of each transaction that writes rows, so that the version's row is locked for a moment only and a
/// sleeping holder does not keep others from taking over.
/// </summary>
internal static class Checkpoints
{
    private static readonly string Advance = AdvanceOf("version", "");
    private static readonly string AdvanceOrFail = OrFail(Advance);
    private static readonly string AdvanceShard = AdvanceOf("shard", "and from_hash = $14");
    private static readonly string AdvanceShardOrFail = OrFail(AdvanceShard);

    /// <param name="connection">Where the transaction is open that wrote the rows.</param>
    /// <param name="lease">The right to write.</param>
    /// <param name="expected">Where the checkpoint must stand now; <c>null</c> for a version that has none.</param>
    /// <param name="position">Where it is to stand.</param>
    /// <param name="events">How many events were folded between the two.</param>
    /// <param name="last">The last of them, where there were any.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <exception cref="LeaseLost">The epoch has moved on, the checkpoint is not where this holder left it, or reactions were started or stopped since he took the
    /// lease, so that he may have folded without them.</exception>
    public static async Task AdvanceAsync(
        NpgsqlConnection connection, Lease lease, EventPosition? expected, EventPosition position, long events, EventFingerprint? last, CancellationToken cancellationToken)
    {
        if (await connection.ExecuteAsync(lease.Shard is null ? Advance : AdvanceShard, cancellationToken, Parameters(lease, expected, position, events, last)) == 0)
        {
            throw new LeaseLost(lease);
        }
    }

    /// <summary>
    /// The same as the last command of a batch that is one transaction by itself. Where <see cref="AdvanceAsync"/> would find the
    /// lease lost it divides by zero, and the server commits nothing of the batch.
    /// </summary>
    public static void Add(NpgsqlBatch batch, Lease lease, EventPosition? expected, EventPosition position, long events, EventFingerprint? last)
    {
        var command = new NpgsqlBatchCommand(lease.Shard is null ? AdvanceOrFail : AdvanceShardOrFail);
        foreach (var value in Parameters(lease, expected, position, events, last))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        batch.BatchCommands.Add(command);
    }

    /// <summary>Proves the lease, and that the version is in the phase in which the holder left it; locks the version's row until the transaction's end.</summary>
    /// <exception cref="LeaseLost">The epoch has moved on.</exception>
    /// <exception cref="VersionStopped">Somebody has stopped the version.</exception>
    public static async Task<VersionSnapshot> ProveAsync(NpgsqlConnection connection, Lease lease, VersionPhase phase, CancellationToken cancellationToken)
    {
        var version = await ProveAsync(connection, lease, cancellationToken);
        return version.Phase == phase ? version : throw new VersionStopped(version.Id, version.Phase);
    }

    /// <summary>Proves the lease without moving anything, and locks the version's row until the transaction's end.</summary>
    /// <exception cref="LeaseLost">The epoch has moved on.</exception>
    public static async Task<VersionSnapshot> ProveAsync(NpgsqlConnection connection, Lease lease, CancellationToken cancellationToken)
    {
        var version = await ProjectionCatalog.LockAsync(connection, lease.Version, cancellationToken);
        return version is not null && (lease.Shard is { } shard ? await HoldsAsync(connection, lease, shard, cancellationToken) : version.LeaseEpoch == lease.Epoch && version.LeaseHolder == lease.Holder)
            ? version
            : throw new LeaseLost(lease);
    }

    /// <summary>Behind the lock of the version's row, under which shards are cut in two and removed.</summary>
    private static async Task<bool> HoldsAsync(NpgsqlConnection connection, Lease lease, ShardSnapshot shard, CancellationToken cancellationToken) =>
        await connection.ScalarAsync<long>(
            """
            select count(*) from (
                select from projections.shard
                where projection = $1 and number = $2 and from_hash = $3 and lease_epoch = $4 and lease_holder = $5
                for update) as held
            """,
            cancellationToken,
            lease.Version.Projection.Value, lease.Version.Number, shard.Id.From, lease.Epoch.Value, lease.Holder) > 0;

    private static string AdvanceOf(string table, string part) =>
        $"""
        update projections.{table}
        set position_major = $5, position_minor = $6, checkpointed_at = clock_timestamp(),
            events_done = events_done + $7, progress_events = 0,
            last_event_major = coalesce($10::bigint, last_event_major), last_event_minor = coalesce($11::bigint, last_event_minor),
            last_event_hash = coalesce($12::bigint, last_event_hash)
        where projection = $1 and number = $2 and lease_epoch = $3 and lease_holder = $4
          and position_major is not distinct from $8 and position_minor is not distinct from $9 and reactions = $13 {part}
        """;

    private static string OrFail(string advance) => $"with moved as ({advance} returning 1) select 1 / count(*) from moved";

    private static object?[] Parameters(Lease lease, EventPosition? expected, EventPosition position, long events, EventFingerprint? last) =>
    [
        lease.Version.Projection.Value, lease.Version.Number, lease.Epoch.Value, lease.Holder,
        position.Major, position.Minor, events, expected?.Major, expected?.Minor, last?.Position.Major, last?.Position.Minor, last?.Hash, lease.Reactions,
        .. lease.Shard is { } shard ? (object?[])[shard.Id.From] : [],
    ];
}
