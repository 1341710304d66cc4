using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Catalog.Feeds;
using Projections.Catalog.Reactions;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Feeds;
using Projections.Postgres;
using Projections.Switching.Access;
using Projections.Switching.Gates;

namespace Projections.Switching;

/// <summary>
/// What a switch's transaction does for one of the read names that it moves: proves that the new version is not behind the old one, and records the
/// switch with its generation. What changes the view is left for the end, when all of them are ready for it.
/// </summary>
/// <param name="system">On what.</param>
/// <param name="seen">The version that reads go to, and its projection as the gates saw it.</param>
/// <param name="command">What was asked for.</param>
/// <param name="context">Who asked.</param>
/// <param name="attempt">How many times it was tried, this one included.</param>
internal sealed class ReadMove(ProjectionSystem system, SwitchTarget seen, SwitchingCommand command, CommandContext context, int attempt)
{
    /// <summary>How long another program may be kept from writing while a version written by us passes its own: longer than an idle
    /// lockstep takes to move its checkpoints.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(2);

    private readonly Actor _actor = command.ActorOf(context);

    private ProjectionSnapshot? _projection;
    private ReadNameChange? _change;
    private SwitchResult? _result;

    public VersionId To => seen.To;

    /// <summary>What stands under the read name before the switch.</summary>
    public ReadName? Before { get; private set; }

    /// <summary>Whether reads go there already, so that nothing is to be done.</summary>
    public bool IsDone => seen.IsLive;

    /// <summary>What comes of it when the transaction is committed.</summary>
    public SwitchResult Result => _result ?? new SwitchResult(To.Projection, null, To.Number, seen.Projection.Generation, seen.Projection.Live?.Checkpoint, null, attempt, AlreadyDone: true);

    /// <summary>Whoever switches, or changes the projection as a whole, queues here.</summary>
    /// <exception cref="SwitchBlocked">Somebody else has switched meanwhile.</exception>
    public async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        Before = await ReadName.ReadAsync(connection, system.Options.Schema, To.Projection.Value, cancellationToken);
        _projection = (await ProjectionCatalog.LockAsync(connection, To.Projection, cancellationToken))!;
        if (_projection.Generation != seen.Projection.Generation)
        {
            throw new SwitchBlocked(new GateFailure(SwitchBlocked.Gate, $"somebody else switched '{To.Projection}' meanwhile.", "Look at 'projections status'."));
        }
    }

    /// <summary>Does what can be done while readers go on.</summary>
    /// <returns>The statements that are left. The first of them locks the read name.</returns>
    public async Task<IReadOnlyList<string>> PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var projection = _projection!;
        var table = (await ReadName.ReadAsync(connection, system.Options.Schema, To.Table, cancellationToken))!;
        _change = ReadNameChange.From(Before?.Columns, table.Columns, Contract(projection, Before));
        var target = projection.Find(To.Number)!;
        await PassRightsAsync(connection, projection, Before, _change, cancellationToken);
        var point = await new ReadView(system.Options.Schema, To.Projection.Value).PrepareAsync(connection, Before, _change, To.Table, writable: target.External, cancellationToken);
        if (projection.Live is { External: true } && !target.External)
        {
            await PassExternalAsync(connection, cancellationToken);
        }

        return projection.KeptTable is { } kept ? [.. point, $"drop table {SqlName.Quote(CatalogSchema.Name, kept)}"] : point;
    }

    /// <summary>Proves that nobody will read an older state after a newer one, and makes the new version the live one.</summary>
    /// <param name="connection">Where the transaction is open.</param>
    /// <param name="outcome">What the history says of it.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public async Task RecordAsync(NpgsqlConnection connection, string outcome, CancellationToken cancellationToken)
    {
        // An id stands for one command, and is kept with the projection that the command names first.
        var identity = To.Projection == command.Projection ? command.IdentityOf(context) : command.IdentityOf(context) with { Id = null };
        if (IsDone)
        {
            await CommandLog.RecordAsync(connection, identity, To.Projection, To.Number, $"v{To.Number} was live already", _actor, cancellationToken);
            return;
        }

        var (projection, change) = (_projection!, _change!);
        var live = projection.LiveVersion is { } number && number < To.Number ? await LockAsync(connection, number, cancellationToken) : null;
        var target = (await LockAsync(connection, To.Number, cancellationToken))!;
        live ??= projection.LiveVersion is { } later ? await LockAsync(connection, later, cancellationToken) : null;
        Prove(live, target);
        var askedBy = await SettleRequestAsync(connection, cancellationToken);
        await VersionLife.ShowAsync(connection, live, target, _actor, cancellationToken);
        await HandReactionsOverAsync(connection, live, target, cancellationToken);
        var contract = command.KeepContract || projection.Contract is not null ? change.Columns : null;
        await MarkInFeedAsync(connection, live, target, change, contract, cancellationToken);
        await connection.ExecuteAsync(
            "update projections.projection set generation = generation + 1, contract = $2, kept_table = null where name = $1",
            cancellationToken,
            To.Projection.Value,
            contract?.ToArray());
        await connection.ExecuteAsync(
            "update projections.version set switch_when_ready = false where projection = $1 and number = $2", cancellationToken, To.Projection.Value, To.Number);
        await connection.ExecuteAsync(
            """
            insert into projections.switch (projection, generation, from_version, to_version, position_major, position_minor, manner, attempts, who, why, asked_by)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            cancellationToken,
            To.Projection.Value, projection.Generation + 1, projection.LiveVersion, To.Number,
            target.Checkpoint?.Major, target.Checkpoint?.Minor, Text(change.Manner), attempt, _actor.Who, _actor.Why, askedBy);
        await AnnounceAsync(connection, projection.LiveVersion, target, cancellationToken);
        await CommandLog.RecordAsync(connection, identity.Kept, To.Projection, To.Number, outcome, _actor, cancellationToken);
        await ProjectionCatalog.NotifyAsync(connection, To.Projection, cancellationToken);
        _result = new SwitchResult(To.Projection, projection.LiveVersion, To.Number, projection.Generation + 1, target.Checkpoint, change, attempt);
    }

    /// <summary>Keeps for how long readers may have queued behind it. The switch is done, whatever comes of this: it only helps whoever decides on the next one.</summary>
    public async Task KeepWaitAsync(NpgsqlConnection connection, TimeSpan wait)
    {
        try
        {
            await connection.ExecuteAsync(
                "update projections.switch set wait_ms = $3 where projection = $1 and generation = $2", CancellationToken.None, To.Projection.Value, Result.Generation, wait.TotalMilliseconds);
        }
        catch (Exception exception) when (PassingFault.Is(exception))
        {
        }
    }

    /// <summary>Whether the switch took place that <see cref="RecordAsync"/> recorded. Waits for what the server still works on.</summary>
    public async Task<bool> HasHappenedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ProjectionCatalog.LockAsync(connection, To.Projection, cancellationToken);
        return await connection.ScalarAsync<bool>(
            """
            select exists (select from projections.switch
                           where projection = $1 and generation = $2 and to_version = $3 and attempts = $4 and who = $5)
            """,
            cancellationToken,
            To.Projection.Value, Result.Generation, To.Number, attempt, _actor.Who);
    }

    private IReadOnlyList<string>? Contract(ProjectionSnapshot projection, ReadName? before) =>
        (command.KeepContract || projection.Contract is not null) && before is not null ? [.. before.Columns.Select(column => column.Name)] : null;

    /// <summary>
    /// Proves that the new version has folded everything that the other program can have seen. From here on that one writes nothing any
    /// more; readers go on, and are not made to wait for the event source.
    /// </summary>
    private async Task PassExternalAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"lock table {SqlName.Quote(system.Options.Schema, To.Projection.Value)} in share mode", cancellationToken);
        using var hold = new CancellationTokenSource(LongestHold, system.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(hold.Token, cancellationToken);
        EventPosition? head = null;
        try
        {
            // It may have seen events that are not safe to read yet.
            head = (await system.Source.GetSafeHeadAsync(either.Token)).Highest;
            while (!((await ProjectionCatalog.ReadAsync(connection, To.Projection, either.Token)).Single().Find(To.Number)?.Checkpoint >= head))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), system.Time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SwitchBlocked(new GateFailure(
                SwitchBlocked.Gate,
                head is null
                    ? $"the event source did not answer while '{To.Projection}' was kept from being written, so that nobody knows which events {To} must have."
                    : $"{To} did not reach position {head} while '{To.Projection}' was kept from being written.",
                "Start a worker ('projections run'), or try when fewer events come in."));
        }
    }

    private async Task PassRightsAsync(
        NpgsqlConnection connection, ProjectionSnapshot projection, ReadName? before, ReadNameChange change, CancellationToken cancellationToken)
    {
        if (before is not { IsView: true } || await ShownTable.ReadAsync(connection, system.Options.Schema, projection, cancellationToken) is not { } shown)
        {
            return;
        }

        var rights = new ReaderRights(connection, system.Options.Schema);
        await rights.PassOnAsync(before, shown, To, change.Columns, cancellationToken);
        if (projection.Live is { } live)
        {
            await rights.TakeBackAsync(live.Id, cancellationToken);
        }
    }

    /// <returns>Who had asked for the switch, where it takes two people.</returns>
    private async Task<string?> SettleRequestAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var request = command.TakesTwo(system.Options, To.Projection.Value) ? await SwitchRequests.FindAsync(connection, To, cancellationToken) : null;
        if (command.TakesTwo(system.Options, To.Projection.Value) && request?.IsConfirmedBy(_actor.Who, command) != true)
        {
            throw new SwitchBlocked(new GateFailure(ApprovalGate.Name, "what the first of two people had asked for counts no more.", "Ask again."));
        }

        await SwitchRequests.ForgetAsync(connection, To.Projection, cancellationToken);
        return request?.Actor.Who;
    }

    private async Task HandReactionsOverAsync(NpgsqlConnection connection, VersionSnapshot? live, VersionSnapshot target, CancellationToken cancellationToken)
    {
        // They may have been started since the gates were asked.
        if (!target.External && await ReactionsGate.FindAsync(connection, system, target.Id, cancellationToken) is { } failure)
        {
            throw new SwitchBlocked(failure);
        }

        await ReactionHandover.RunAsync(connection, live is { External: false } ? live : null, target, cancellationToken);
    }

    private async Task MarkInFeedAsync(
        NpgsqlConnection connection, VersionSnapshot? live, VersionSnapshot target, ReadNameChange change, IReadOnlyList<string>? contract, CancellationToken cancellationToken)
    {
        if (await FeedState.ReadAsync(connection, To.Projection, cancellationToken) is not { IsOn: true } || target.Checkpoint is not { } position)
        {
            return;
        }

        // With a column more, every row is another one.
        var comparable = live is { External: false, Checkpoint: not null } && change.Gained.Count == 0;
        var mark = change.InFeed(To, system.Registry.Find(To), position) with { From = live?.Id.Number, Clear = !comparable };
        await FeedSwitches.MarkAsync(connection, To, position, mark, cancellationToken);
        if (contract?.Order().SequenceEqual((_projection!.Contract ?? []).Order()) == false)
        {
            // Whoever has folded what the read name does not show any more folds it anew.
            await FoldFence.RaiseAsync(connection, To.Projection, [live?.Id.Number ?? To.Number, To.Number], cancellationToken);
        }
    }

    private Task AnnounceAsync(NpgsqlConnection connection, int? from, VersionSnapshot target, CancellationToken cancellationToken)
    {
        var kind = from > To.Number ? AnnouncementKind.RolledBack : AnnouncementKind.Switched;
        var details = new AnnouncementDetails { From = from, Position = target.Checkpoint?.ToString() };
        return Outbox.AddAsync(connection, kind, To, _actor, details, cancellationToken);
    }

    private Task<VersionSnapshot?> LockAsync(NpgsqlConnection connection, int number, CancellationToken cancellationToken) =>
        ProjectionCatalog.LockAsync(connection, new VersionId(To.Projection, number), cancellationToken);

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

    private static string Text(ChangeManner manner) => manner switch
    {
        ChangeManner.Created => "created",
        ChangeManner.Replaced => "replaced",
        _ => "recreated",
    };
}
