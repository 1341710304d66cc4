using System.Diagnostics;
using Npgsql;
using Projections.Announcements;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Operations;
using Projections.Switching.Access;
using Projections.Switching.Gates;
using Projections.Tables;

namespace Projections.Switching;

/// <summary>
/// One try at the switch's transaction: proves that the new version is not behind the old one, records the switch with its
/// generation, and changes the view last, so that its lock is held for no longer than a commit.
/// </summary>
internal sealed class SwitchAttempt(ProjectionSystem system, VersionId to, SwitchOptions options, Actor actor, Guid? commandId, int attempt)
{
    /// <summary>How long the read name may stay locked while a version written by us passes one written by another program.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromMilliseconds(500);

    /// <summary>Mostly the lock is free within milliseconds. Where readers take longer, later attempts wait longer for it.</summary>
    private static readonly TimeSpan FirstLockTimeout = TimeSpan.FromMilliseconds(40);

    private readonly TimeSpan _lockTimeout = FirstLockTimeout * attempt < options.LockTimeout ? FirstLockTimeout * attempt : options.LockTimeout;
    private readonly ReadView _view = new(system.Options.Schema, to.Projection.Value);

    /// <exception cref="SwitchBlocked">The lock was not to be had in time, or the proof did not hold.</exception>
    public async Task<SwitchResult> RunAsync(ProjectionSnapshot seen, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var before = await ReadName.ReadAsync(connection, system.Options.Schema, to.Projection.Value, cancellationToken);
        try
        {
            await connection.ExecuteAsync("select set_config('lock_timeout', $1, true)", cancellationToken, $"{(long)_lockTimeout.TotalMilliseconds}ms");
            return await SwitchAsync(connection, transaction, seen, before, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            await transaction.RollbackAsync(cancellationToken);
            throw await BlockedAsync(connection, before, exception, cancellationToken);
        }
    }

    private async Task<SwitchResult> SwitchAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, ProjectionSnapshot seen, ReadName? before, CancellationToken cancellationToken)
    {
        var projection = (await ProjectionCatalog.LockAsync(connection, to.Projection, cancellationToken))!;
        if (projection.Generation != seen.Generation)
        {
            throw new SwitchBlocked(new GateFailure(SwitchBlocked.Gate, "somebody else switched meanwhile.", "Look at 'projections status'."));
        }

        var table = (await ReadName.ReadAsync(connection, system.Options.Schema, to.Table, cancellationToken))!;
        var change = ReadNameChange.From(before?.Columns, table.Columns, Contract(projection, before));
        var target = projection.Find(to.Number)!;
        if (before is { IsView: true } && projection.Live is { } live)
        {
            var rights = new ReaderRights(connection, system.Options.Schema);
            await rights.PassOnAsync(before, live.Id, to, change.Columns, cancellationToken);
            await rights.TakeBackAsync(live.Id, cancellationToken);
        }

        var point = await _view.PrepareAsync(connection, before, change, to.Table, writable: target.External, cancellationToken);
        if (projection.Live is { External: true } && !target.External)
        {
            await connection.ExecuteAsync(point, cancellationToken);
            await PassExternalAsync(connection, cancellationToken);
            await RecordAsync(connection, projection, change, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        else
        {
            await RecordAsync(connection, projection, change, cancellationToken);

            // Readers wait from the first of these statements to the last, so they go together: on a busy machine the way there and back
            // takes longer than all of them.
            await connection.ExecuteAsync($"{point}; commit", cancellationToken);
        }

        return new SwitchResult(to.Projection, projection.LiveVersion, to.Number, projection.Generation + 1, target.Checkpoint, change, attempt);
    }

    private IReadOnlyList<string>? Contract(ProjectionSnapshot projection, ReadName? before) =>
        (options.KeepContract || projection.Contract is not null) && before is not null ? [.. before.Columns.Select(column => column.Name)] : null;

    /// <summary>
    /// Proves, while the read name is locked and nobody can write through it, that the new version has folded everything that
    /// the other program can have seen.
    /// </summary>
    private async Task PassExternalAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var head = (await system.Source.GetSafeHeadAsync(cancellationToken)).Position;
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var projection = (await ProjectionCatalog.ReadAsync(connection, to.Projection, cancellationToken)).Single();
            if (projection.Find(to.Number)?.Checkpoint >= head)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(began) > LongestHold)
            {
                throw new SwitchBlocked(new GateFailure(
                    SwitchBlocked.Gate, $"{to} did not reach position {head} while the read name was held.", "Start a worker ('projections run'), or try when fewer events come in."));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), system.Time, cancellationToken);
        }
    }

    private async Task RecordAsync(NpgsqlConnection connection, ProjectionSnapshot projection, ReadNameChange change, CancellationToken cancellationToken)
    {
        var live = projection.LiveVersion is { } number && number < to.Number ? await LockAsync(connection, number, cancellationToken) : null;
        var target = (await LockAsync(connection, to.Number, cancellationToken))!;
        live ??= projection.LiveVersion is { } later ? await LockAsync(connection, later, cancellationToken) : null;
        Prove(live, target);
        await VersionLife.ShowAsync(connection, live, target, actor, cancellationToken);
        await connection.ExecuteAsync(
            "update projections.projection set generation = generation + 1, contract = $2 where name = $1",
            cancellationToken,
            to.Projection.Value,
            options.KeepContract || projection.Contract is not null ? change.Columns.ToArray() : null);
        await connection.ExecuteAsync(
            "update projections.version set switch_when_ready = false where projection = $1 and number = $2", cancellationToken, to.Projection.Value, to.Number);
        await connection.ExecuteAsync(
            """
            insert into projections.switch (projection, generation, from_version, to_version, position_major, position_minor, manner, attempts, who, why)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            cancellationToken,
            to.Projection.Value, projection.Generation + 1, projection.LiveVersion, to.Number,
            target.Checkpoint?.Major, target.Checkpoint?.Minor, Text(change.Manner), attempt, actor.Who, actor.Why);
        await AnnounceAsync(connection, projection.LiveVersion, target, cancellationToken);
        await CommandLog.RecordAsync(connection, commandId, "switch", to.Projection, $"switched to v{to.Number}", actor, cancellationToken);
        await ProjectionCatalog.NotifyAsync(connection, to.Projection, cancellationToken);
    }

    private Task AnnounceAsync(NpgsqlConnection connection, int? from, VersionSnapshot target, CancellationToken cancellationToken)
    {
        var kind = from > to.Number ? AnnouncementKind.RolledBack : AnnouncementKind.Switched;
        var details = new AnnouncementDetails { From = from, Position = target.Checkpoint?.ToString() };
        return Outbox.AddAsync(connection, kind, to, actor, details, cancellationToken);
    }

    private Task<VersionSnapshot?> LockAsync(NpgsqlConnection connection, int number, CancellationToken cancellationToken) =>
        ProjectionCatalog.LockAsync(connection, new VersionId(to.Projection, number), cancellationToken);

    /// <summary>The proof of promise 4: nobody who read the old version will read an older state in the new one.</summary>
    private static void Prove(VersionSnapshot? live, VersionSnapshot target)
    {
        var ready = target.External || target.Lockstep;
        if (!ready || (live is { External: false, Checkpoint: { } old } && !target.External && !(target.Checkpoint >= old)))
        {
            throw new SwitchBlocked(new GateFailure(
                SwitchBlocked.Gate,
                $"{target.Id} ({target.State.Text()}, position {target.Checkpoint?.ToString() ?? "unknown"}) is behind {live?.Id.ToString() ?? "what is needed"} (position {live?.Checkpoint?.ToString() ?? "unknown"}).",
                "Wait until it has caught up again."));
        }
    }

    private async Task<SwitchBlocked> BlockedAsync(NpgsqlConnection connection, ReadName? before, PostgresException exception, CancellationToken cancellationToken)
    {
        var sessions = before is null ? [] : await BlockingSession.HoldingAsync(connection, before.Oid, cancellationToken);
        var who = sessions.Count == 0 ? "a session that has ended since" : string.Join(", ", sessions);
        return new SwitchBlocked(
            new GateFailure(
                SwitchBlocked.Gate,
                $"the lock on '{to.Projection}' was not to be had within {_lockTimeout.TotalMilliseconds:0} ms ({attempt} attempts); it is held by {who}.",
                "Let the transaction end, or end it with pg_terminate_backend; then switch again."),
            exception);
    }

    private static string Text(ChangeManner manner) => manner switch
    {
        ChangeManner.Created => "created",
        ChangeManner.Replaced => "replaced",
        _ => "recreated",
    };
}
