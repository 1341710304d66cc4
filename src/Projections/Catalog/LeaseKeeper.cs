using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Telemetry;

namespace Projections.Catalog;

/// <summary>
/// All leases of one worker, on versions and on shards of them: takes them, renews all of a kind with one statement a beat, and learns with it what
/// others have asked of the versions. Time is the database's, so the workers' clocks need not agree.
/// </summary>
internal sealed partial class LeaseKeeper : IAsyncDisposable
{
    private const string ThrottleOfShard =
        """
        case when v.throttle is not null then greatest(1, v.throttle / greatest(1, (
            select count(*) from projections.shard o
            where o.projection = s.projection and o.number = s.number and (o.position_major, o.position_minor) is distinct from (o.end_major, o.end_minor))))::int end
        """;

    private static readonly string RenewVersions = Renewal(
        "version",
        "",
        "select v.projection, v.number, h.part, v.lease_epoch, v.phase, v.throttle, v.shards from held h join projections.version v on v.projection = h.projection and v.number = h.number");

    private static readonly string RenewShards = Renewal(
        "shard",
        "and v.from_hash = m.part",
        $"""
        select s.projection, s.number, h.part, s.lease_epoch, v.phase, {ThrottleOfShard}, v.shards
        from held h
        join projections.shard s on s.projection = h.projection and s.number = h.number and s.from_hash = h.part
        join projections.version v on v.projection = s.projection and v.number = s.number
        """);

    private readonly NpgsqlDataSource _readModels;
    private readonly TimeSpan _duration;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string? _database;
    private readonly ConcurrentDictionary<object, Lease> _held = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _beating;

    /// <param name="readModels">The database of the catalog.</param>
    /// <param name="holder">The worker's name; unique among workers.</param>
    /// <param name="duration">How long a lease lasts without renewal: how soon others take over from a dead worker.</param>
    /// <param name="time">The clock that the beat follows.</param>
    /// <param name="logger">Where lost leases are told.</param>
    /// <param name="database">The database's name, where the process serves several.</param>
    public LeaseKeeper(NpgsqlDataSource readModels, string holder, TimeSpan duration, TimeProvider time, ILogger logger, string? database = null)
    {
        _readModels = readModels;
        Holder = holder;
        _duration = duration;
        _time = time;
        _logger = logger;
        _database = database;
        _beating = BeatAsync(_stop.Token);
    }

    public string Holder { get; }

    /// <summary>Completes when it is disposed of; fails when leases cannot be renewed any more, and then nobody may go on with one.</summary>
    public Task Completion => _beating;

    /// <summary>
    /// Takes the leases of all the versions, or of none, in the transaction that is open on <paramref name="connection"/>.
    /// They are kept alive only after <see cref="KeepAsync"/>, which is to be called once the transaction has committed.
    /// </summary>
    /// <returns><c>null</c> when another worker holds one of them, or a phase has changed meanwhile.</returns>
    public async Task<IReadOnlyList<Lease>?> TryTakeAsync(
        NpgsqlConnection connection, IReadOnlyList<VersionSnapshot> versions, CancellationToken cancellationToken)
    {
        var leases = new List<Lease>(versions.Count);
        foreach (var version in versions.OrderBy(version => version.Id.Number))
        {
            var taken = await connection.QueryAsync(
                $"""
                update projections.version v
                set lease_holder = $3, lease_epoch = lease_epoch + 1, lease_until = clock_timestamp() + $4
                where projection = $1 and number = $2 and phase = $5
                  and (lease_until is null or lease_until < clock_timestamp())
                returning {VersionSnapshot.ColumnList}
                """,
                VersionSnapshot.Read,
                cancellationToken,
                version.Id.Projection.Value,
                version.Id.Number,
                Holder,
                _duration,
                version.Phase.Text());
            if (taken is not [var snapshot])
            {
                return null;
            }

            leases.Add(new Lease(this, snapshot));
        }

        return leases;
    }

    /// <summary>Takes one version's lease in a transaction of its own, and keeps it.</summary>
    public async Task<Lease?> TryTakeAsync(VersionSnapshot version, CancellationToken cancellationToken)
    {
        await using var connection = await _readModels.OpenConnectionAsync(cancellationToken);
        var leases = await TryTakeAsync(connection, [version], cancellationToken);
        await KeepAsync(leases ?? [], [version], cancellationToken);
        return leases?[0];
    }

    /// <summary>Takes the lease of a version's shard, as long as the version is replayed and the shard is not done, and keeps it.</summary>
    /// <returns><c>null</c> when another worker holds it, or there is nothing to be done any more.</returns>
    public async Task<Lease?> TryTakeAsync(VersionSnapshot version, ShardSnapshot shard, CancellationToken cancellationToken)
    {
        await using var connection = await _readModels.OpenConnectionAsync(cancellationToken);
        var taken = await connection.QueryAsync(
            $"""
            update projections.shard s
            set lease_holder = $4, lease_epoch = s.lease_epoch + 1, lease_until = clock_timestamp() + $5
            from projections.version v
            where s.projection = $1 and s.number = $2 and s.from_hash = $3 and (s.lease_until is null or s.lease_until < clock_timestamp())
              and (s.position_major, s.position_minor) is distinct from (s.end_major, s.end_minor)
              and v.projection = s.projection and v.number = s.number and v.phase = 'replaying'
            returning ({ShardSnapshot.Json})::text
            """,
            row => ShardSnapshot.Read(row.GetString(0)),
            cancellationToken,
            version.Id.Projection.Value,
            version.Id.Number,
            shard.Id.From,
            Holder,
            _duration);
        if (taken is not [var snapshot])
        {
            return null;
        }

        var lease = new Lease(this, version, snapshot);
        await KeepAsync([lease], [version with { LeaseHolder = shard.LeaseHolder }], cancellationToken);
        return lease;
    }

    /// <summary>
    /// Begins to renew leases whose taking is committed, and ends what earlier holders may still have open: a worker that was
    /// stopped in the middle of a transaction cannot commit it any more, but would keep its locks.
    /// </summary>
    public async Task KeepAsync(IReadOnlyList<Lease> leases, IEnumerable<VersionSnapshot> versions, CancellationToken cancellationToken)
    {
        var before = versions.Where(version => version.LeaseHolder is { } holder && holder != Holder).ToList();
        if (leases.Count > 0 && before.Count > 0)
        {
            await EndSessionsAsync(before, cancellationToken);
        }

        // Last: nothing that could fail comes between the first renewal and whoever is to give the leases back.
        foreach (var lease in leases)
        {
            _held[lease.Subject] = lease;
            Count(lease, "taken");
        }
    }

    /// <summary>
    /// Ends the sessions of the earlier holders that have locked one of the versions' tables for writing, or are making a table that is not
    /// there yet: whatever else that worker does, it may well be alive.
    /// </summary>
    private async Task EndSessionsAsync(List<VersionSnapshot> versions, CancellationToken cancellationToken)
    {
        var holders = versions.Select(version => version.LeaseHolder!).Distinct().ToList();
        try
        {
            await using var connection = await _readModels.OpenConnectionAsync(cancellationToken);
            await connection.ExecuteAsync(
                """
                select pg_terminate_backend(a.pid) from pg_stat_activity a
                where a.application_name = any($1) and a.datname = current_database() and a.xact_start < clock_timestamp() - $2::interval
                  and exists (
                      select from pg_locks l left join pg_class c on c.oid = l.relation
                      where l.pid = a.pid and l.locktype = 'relation' and l.granted and l.mode not in ('AccessShareLock', 'RowShareLock')
                        and (c.relname = any($3)
                             -- What nobody but its maker sees is in no catalog yet.
                             or ($4 and c.oid is null and l.mode = 'AccessExclusiveLock')))
                """,
                cancellationToken,
                holders.Select(WorkerName.OfSessions).ToArray(),
                _duration / 2,
                versions.Select(version => version.Id.Table).ToArray(),
                versions.Exists(version => !version.HasTable));
        }
        catch (PostgresException exception) when (exception.IsAboutRights)
        {
            // The sessions belong to another role; the epoch keeps them from committing all the same.
            LogSessionsRemain(_logger, string.Join(", ", holders), exception.MessageText);
        }
    }

    public void Forget(Lease lease)
    {
        if (_held.TryRemove(KeyValuePair.Create(lease.Subject, lease)))
        {
            Count(lease, "released");
        }
    }

    public async ValueTask ReleaseAsync(Lease lease)
    {
        Forget(lease);
        try
        {
            await using var connection = await _readModels.OpenConnectionAsync();
            await (lease.Shard is { } shard ? ReleaseAsync(connection, lease, shard) : connection.ExecuteAsync(
                """
                update projections.version set lease_holder = null, lease_until = clock_timestamp(), progress_events = 0, events_per_second = null
                where projection = $1 and number = $2 and lease_epoch = $3;
                """,
                CancellationToken.None,
                lease.Version.Projection.Value,
                lease.Version.Number,
                lease.Epoch.Value));
        }
        catch (Exception exception) when (PassingFault.IsOfSession(exception))
        {
            // It runs out by itself.
            LogNotReleased(_logger, lease.Subject, exception.Cause);
        }
    }

    /// <summary>Others are told: it may be for them, and if it is done, whoever holds the version waits for that.</summary>
    private static Task<int> ReleaseAsync(NpgsqlConnection connection, Lease lease, ShardSnapshot shard) => connection.ExecuteAsync(
        """
        with released as (
            update projections.shard set lease_holder = null, lease_until = clock_timestamp(), progress_events = 0, events_per_second = null, activity = null
            where projection = $1 and number = $2 and from_hash = $3 and lease_epoch = $4
            returning projection)
        select pg_notify($5, projection) from released
        """,
        CancellationToken.None,
        lease.Version.Projection.Value,
        lease.Version.Number,
        shard.Id.From,
        lease.Epoch.Value,
        ProjectionCatalog.Channel);

    public async ValueTask DisposeAsync()
    {
        await _stop.CallOffAsync();
        await _beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var lease in _held.Values)
        {
            await lease.DisposeAsync();
        }

        _stop.Dispose();
    }

    private void Count(Lease lease, string change) =>
        Instruments.LeaseChanges.Add(1, Instruments.Of(_database, lease.Version, [new("change", change)]));

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        // Five beats a lease: four may fail before another worker may take over.
        using var timer = new PeriodicTimer(_duration / 5, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    await RenewAsync(cancellationToken);
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested && PassingFault.IsOfSession(exception))
                {
                    LogNotRenewed(_logger, exception.Cause);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The worker stops.
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var held = _held.Values.ToArray();
        if (held.Length == 0)
        {
            return;
        }

        await using var connection = await _readModels.OpenConnectionAsync(cancellationToken);
        if (Array.FindAll(held, lease => lease.Shard is null) is { Length: > 0 } versions)
        {
            await RenewAsync(connection, versions, RenewVersions, cancellationToken);
        }

        if (Array.FindAll(held, lease => lease.Shard is not null) is { Length: > 0 } shards)
        {
            await RenewAsync(connection, shards, RenewShards, cancellationToken);
        }
    }

    // A row that is locked is being committed right now, by ourselves or by a switch: it is left for the next beat
    // rather than waited for, because the beat serves all the others too. One that was given up since must not be renewed:
    // it would be held by nobody. What is read is as it was before: who has taken a lease this moment is found at the next beat.
    private static string Renewal(string table, string part, string look) =>
        $"""
        with held as (
            select * from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::float8[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])
                as m(projection, number, epoch, progress, rate, major, minor, through_major, through_minor, part)),
        mine as (
            select v.projection, v.number, m.part, m.rate, m.through_major, m.through_minor,
                   -- What was counted from an earlier checkpoint has been committed since.
                   case when v.position_major is not distinct from m.major and v.position_minor is not distinct from m.minor then m.progress else 0 end as progress
            from held m
            join projections.{table} v on v.projection = m.projection and v.number = m.number {part} and v.lease_epoch = m.epoch and v.lease_holder = $7
            order by v.projection, v.number, m.part
            for update of v skip locked),
        renewed as (
            update projections.{table} v
            set lease_until = clock_timestamp() + $6, events_per_second = m.rate,
                progress_events = m.progress, progress_major = m.through_major, progress_minor = m.through_minor
            from mine m where v.projection = m.projection and v.number = m.number {part})
        {look}
        """;

    private async Task RenewAsync(NpgsqlConnection connection, Lease[] held, string renewal, CancellationToken cancellationToken)
    {
        var progress = Array.ConvertAll(held, lease => lease.Progress);
        var rows = await connection.QueryAsync(
            renewal,
            row => (Id: (row.GetString(0), row.GetInt32(1), row.GetInt64(2)), Epoch: new LeaseEpoch(row.GetInt64(3)),
                Phase: VersionPhases.Parse(row.GetString(4)), Throttle: row.GetNullableValue<int>(5), Shards: row.GetNullableValue<int>(6)),
            cancellationToken,
            held.Select(lease => lease.Version.Projection.Value).ToArray(),
            held.Select(lease => lease.Version.Number).ToArray(),
            held.Select(lease => lease.Epoch.Value).ToArray(),
            progress.Select(one => one.Events).ToArray(),
            held.Select(lease => lease.EventsPerSecond).ToArray(),
            _duration,
            Holder,
            progress.Select(one => one.Checkpoint?.Major).ToArray(),
            progress.Select(one => one.Checkpoint?.Minor).ToArray(),
            progress.Select(one => one.Through.Major).ToArray(),
            progress.Select(one => one.Through.Minor).ToArray(),
            held.Select(PartOf).ToArray());
        var found = rows.ToDictionary(row => row.Id);
        foreach (var lease in held)
        {
            if (!found.TryGetValue((lease.Version.Projection.Value, lease.Version.Number, PartOf(lease)), out var row) || row.Epoch != lease.Epoch)
            {
                // One that was given back meanwhile is nobody's loss.
                if (_held.TryRemove(KeyValuePair.Create(lease.Subject, lease)))
                {
                    LogLost(_logger, lease.Subject, lease.Epoch);
                    Count(lease, "lost");
                }

                lease.MarkLost();
            }
            else
            {
                lease.Renewed(row.Phase, row.Throttle, row.Shards);
            }
        }
    }

    private static long PartOf(Lease lease) => lease.Shard?.Id.From ?? 0;

    [LoggerMessage(101, LogLevel.Warning, "The lease on {Subject} (epoch {Epoch}) was lost to another worker.")]
    private static partial void LogLost(ILogger logger, object subject, LeaseEpoch epoch);

    [LoggerMessage(102, LogLevel.Warning, "The leases could not be renewed ({Reason}); trying again at the next beat.")]
    private static partial void LogNotRenewed(ILogger logger, string reason);

    [LoggerMessage(104, LogLevel.Warning, "What {Holders} may still have open could not be ended ({Reason}); it cannot commit, but may hold locks for a while.")]
    private static partial void LogSessionsRemain(ILogger logger, string holders, string reason);

    [LoggerMessage(103, LogLevel.Information, "The lease on {Subject} could not be given back ({Reason}); it runs out by itself.")]
    private static partial void LogNotReleased(ILogger logger, object subject, string reason);
}
