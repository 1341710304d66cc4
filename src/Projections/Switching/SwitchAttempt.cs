using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Switching.Access;
using Projections.Switching.Gates;

namespace Projections.Switching;

/// <summary>
/// One try at the switch's transaction: proves that the new version is not behind the old one, records the switch with its
/// generation, and changes the view last, so that its lock is held for no longer than a commit.
/// </summary>
internal sealed class SwitchAttempt(ProjectionSystem system, VersionId to, SwitchingCommand command, CommandContext context, int attempt)
{
    /// <summary>How long another program may be kept from writing while a version written by us passes its own: longer than an idle
    /// lockstep takes to move its checkpoints.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(2);

    /// <summary>How long it is waited for what the server may still make of a switch whose connection broke.</summary>
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(2);

    /// <summary>Mostly the lock is free within milliseconds. Where readers take longer, later attempts wait longer for it.</summary>
    private static readonly TimeSpan FirstLockTimeout = TimeSpan.FromMilliseconds(40);

    private readonly TimeSpan _lockTimeout = FirstLockTimeout * attempt < command.LockTimeout ? FirstLockTimeout * attempt : command.LockTimeout;
    private readonly ReadView _view = new(system.Options.Schema, to.Projection.Value);

    private readonly Actor _actor = command.ActorOf(context);

    private SwitchResult? _result;

    /// <summary>Whether the server was told to commit, and nobody heard what came of it.</summary>
    public bool IsUnsettled { get; private set; }

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
        catch (PostgresException exception) when (exception.IsAboutLocks)
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
        await PassRightsAsync(connection, projection, before, change, cancellationToken);
        var point = await _view.PrepareAsync(connection, before, change, to.Table, writable: target.External, cancellationToken);
        if (projection.KeptTable is { } kept)
        {
            point += $"; drop table {SqlName.Quote(CatalogSchema.Name, kept)}";
        }

        if (projection.Live is { External: true } && !target.External)
        {
            await PassExternalAsync(connection, cancellationToken);
        }

        await RecordAsync(connection, projection, change, cancellationToken);
        _result = new SwitchResult(to.Projection, projection.LiveVersion, to.Number, projection.Generation + 1, target.Checkpoint, change, attempt);
        var began = system.Time.GetTimestamp();
        await CommitAsync(connection, point);
        await KeepWaitAsync(connection, system.Time.GetElapsedTime(began));
        return _result;
    }

    private async Task PassRightsAsync(
        NpgsqlConnection connection, ProjectionSnapshot projection, ReadName? before, ReadNameChange change, CancellationToken cancellationToken)
    {
        if (before is not { IsView: true } || await ShownTable.ReadAsync(connection, system.Options.Schema, projection, cancellationToken) is not { } shown)
        {
            return;
        }

        var rights = new ReaderRights(connection, system.Options.Schema);
        await rights.PassOnAsync(before, shown, to, change.Columns, cancellationToken);
        if (projection.Live is { } live)
        {
            await rights.TakeBackAsync(live.Id, cancellationToken);
        }
    }

    /// <summary>
    /// Readers wait from the first of these statements to the last, so they go together: on a busy machine the way there and back takes
    /// longer than all of them. They are not called off half way: it would not be known what they did.
    /// </summary>
    private async Task CommitAsync(NpgsqlConnection connection, string point)
    {
        IsUnsettled = true;
        try
        {
            await connection.ExecuteAsync($"{point}; commit", CancellationToken.None);
        }
        catch (PostgresException exception) when (exception.EndsStatementOnly)
        {
            // Anything worse may come after the commit.
            IsUnsettled = false;
            throw;
        }

        IsUnsettled = false;
    }

    /// <summary>Readers queued for no longer than that. The switch is done, whatever comes of this: it only helps whoever decides on the next one.</summary>
    private async Task KeepWaitAsync(NpgsqlConnection connection, TimeSpan wait)
    {
        try
        {
            await connection.ExecuteAsync(
                "update projections.switch set wait_ms = $3 where projection = $1 and generation = $2", CancellationToken.None, to.Projection.Value, _result!.Generation, wait.TotalMilliseconds);
        }
        catch (Exception exception) when (PassingFault.Is(exception))
        {
        }
    }

    /// <summary>Finds out what became of a switch whose connection broke. Waits for what the server still works on.</summary>
    /// <returns><c>null</c> when it did not take place.</returns>
    public async Task<SwitchResult?> FindOutAsync(CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync("select set_config('lock_timeout', $1, true)", cancellationToken, $"{(long)LongestSettling.TotalMilliseconds}ms");
        await ProjectionCatalog.LockAsync(connection, to.Projection, cancellationToken);
        var happened = await connection.ScalarAsync<bool>(
            """
            select exists (select from projections.switch
                           where projection = $1 and generation = $2 and to_version = $3 and attempts = $4 and who = $5)
            """,
            cancellationToken,
            to.Projection.Value, _result!.Generation, to.Number, attempt, _actor.Who);
        return happened ? _result : null;
    }

    private IReadOnlyList<string>? Contract(ProjectionSnapshot projection, ReadName? before) =>
        (command.KeepContract || projection.Contract is not null) && before is not null ? [.. before.Columns.Select(column => column.Name)] : null;

    /// <summary>
    /// Proves that the new version has folded everything that the other program can have seen. From here on that one writes nothing any
    /// more; readers go on, and are not made to wait for the event source.
    /// </summary>
    private async Task PassExternalAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"lock table {SqlName.Quote(system.Options.Schema, to.Projection.Value)} in share mode", cancellationToken);
        using var hold = new CancellationTokenSource(LongestHold, system.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hold.Token, cancellationToken);
        EventPosition? head = null;
        try
        {
            // It may have seen events that are not safe to read yet.
            head = (await system.Source.GetSafeHeadAsync(either.Token)).Highest;
            while (!((await ProjectionCatalog.ReadAsync(connection, to.Projection, either.Token)).Single().Find(to.Number)?.Checkpoint >= head))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), system.Time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SwitchBlocked(new GateFailure(
                SwitchBlocked.Gate,
                head is null
                    ? $"the event source did not answer while '{to.Projection}' was kept from being written, so that nobody knows which events {to} must have."
                    : $"{to} did not reach position {head} while '{to.Projection}' was kept from being written.",
                "Start a worker ('projections run'), or try when fewer events come in."));
        }
    }

    private async Task RecordAsync(NpgsqlConnection connection, ProjectionSnapshot projection, ReadNameChange change, CancellationToken cancellationToken)
    {
        var live = projection.LiveVersion is { } number && number < to.Number ? await LockAsync(connection, number, cancellationToken) : null;
        var target = (await LockAsync(connection, to.Number, cancellationToken))!;
        live ??= projection.LiveVersion is { } later ? await LockAsync(connection, later, cancellationToken) : null;
        Prove(live, target);
        var askedBy = await SettleRequestAsync(connection, cancellationToken);
        await VersionLife.ShowAsync(connection, live, target, _actor, cancellationToken);
        await connection.ExecuteAsync(
            "update projections.projection set generation = generation + 1, contract = $2, kept_table = null where name = $1",
            cancellationToken,
            to.Projection.Value,
            command.KeepContract || projection.Contract is not null ? change.Columns.ToArray() : null);
        await connection.ExecuteAsync(
            "update projections.version set switch_when_ready = false where projection = $1 and number = $2", cancellationToken, to.Projection.Value, to.Number);
        await connection.ExecuteAsync(
            """
            insert into projections.switch (projection, generation, from_version, to_version, position_major, position_minor, manner, attempts, who, why, asked_by)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            cancellationToken,
            to.Projection.Value, projection.Generation + 1, projection.LiveVersion, to.Number,
            target.Checkpoint?.Major, target.Checkpoint?.Minor, Text(change.Manner), attempt, _actor.Who, _actor.Why, askedBy);
        await AnnounceAsync(connection, projection.LiveVersion, target, cancellationToken);
        await CommandLog.RecordAsync(connection, command.IdentityOf(context).Kept, to.Projection, to.Number, $"switched to v{to.Number}", _actor, cancellationToken);
        await ProjectionCatalog.NotifyAsync(connection, to.Projection, cancellationToken);
    }

    /// <returns>Who had asked for the switch, where it takes two people.</returns>
    private async Task<string?> SettleRequestAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var request = command.TakesTwo(system.Options, to.Projection.Value) ? await SwitchRequests.FindAsync(connection, to, cancellationToken) : null;
        if (command.TakesTwo(system.Options, to.Projection.Value) && request?.IsConfirmedBy(_actor.Who, command) != true)
        {
            throw new SwitchBlocked(new GateFailure(ApprovalGate.Name, "what the first of two people had asked for counts no more.", "Ask again."));
        }

        await SwitchRequests.ForgetAsync(connection, to.Projection, cancellationToken);
        return request?.Actor.Who;
    }

    private Task AnnounceAsync(NpgsqlConnection connection, int? from, VersionSnapshot target, CancellationToken cancellationToken)
    {
        var kind = from > to.Number ? AnnouncementKind.RolledBack : AnnouncementKind.Switched;
        var details = new AnnouncementDetails { From = from, Position = target.Checkpoint?.ToString() };
        return Outbox.AddAsync(connection, kind, to, _actor, details, cancellationToken);
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
                live is { Phase: VersionPhase.Failed }
                    ? $"Mend {live.Id}; or, if its rows are of a history that the store no longer has, build it anew with 'projections rebuild {live.Id.Projection} --to {live.Id.Number} --anew': then reads can go to either."
                    : "Wait until it has caught up again."));
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
