using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.LateEvents;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Replay;

/// <summary>
/// The beginning of the state <c>replaying</c> for a version that has a seed: its table is filled from the live version's, and its checkpoint is the live version's, in one
/// transaction. Rows, checkpoint and all that the live version knows of what its rows lack are read by one statement, hence in one snapshot, so that
/// the lockstep neither waits nor is waited for.
/// </summary>
internal sealed class TableSeed(ProjectionSystem system, ProjectionVersion definition, Lease lease, Actor actor)
{
    private string Table { get; } = SqlName.Quote(system.Options.Schema, definition.Id.Table);

    /// <exception cref="BuildRefused">The statement fails, or the live version's rows lack events.</exception>
    /// <exception cref="LeaseLost">Another worker has taken over; nothing was written.</exception>
    public async Task<VersionSnapshot> RunAsync(Seed seed, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            var taken = await FillAsync(connection, seed, cancellationToken);
            Refuse(seed, taken);
            var folded = seed.Except.Count == 0 ? 0 : await FoldAsync(connection, seed, taken.Position, cancellationToken);
            await AdvanceAsync(connection, seed, taken, folded, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException exception) when (!PassingFault.Is(exception))
        {
            throw new BuildRefused(
                $"{definition.Id} cannot be seeded: {definition.Files.Folder}/seed.sql fails: {exception.Words}. Nothing was written. Run 'projections abort {definition.Id.Projection} --version {definition.Id.Number}', mend the file, and rebuild.");
        }

        // What turned up while the copies were not committed could not be noted for this version.
        system.LateEvents?.Watch(await GivenUpList.ReadOfAsync(connection, definition.Id, cancellationToken));
        return await Checkpoints.ProveAsync(connection, lease, cancellationToken);
    }

    private async Task<Taken> FillAsync(NpgsqlConnection connection, Seed seed, CancellationToken cancellationToken)
    {
        // What functions may depend on, beside rows (SeedScript).
        await connection.ExecuteAsync(
            """
            set local timezone = 'UTC';
            set local datestyle = 'ISO, YMD';
            set local intervalstyle = 'postgres';
            set local extra_float_digits = 1
            """,
            cancellationToken);
        var load = await FirstLoad.BeginAsync(connection, Table, system.Options.IndexWorkers, cancellationToken);
        var taken = await TakeAsync(connection, seed, cancellationToken);
        await (load?.EndAsync(cancellationToken) ?? Task.CompletedTask);
        return taken;
    }

    /// <summary>All parts of a statement with WITH see the same snapshot. See https://www.postgresql.org/docs/current/queries-with.html.</summary>
    private async Task<Taken> TakeAsync(NpgsqlConnection connection, Seed seed, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            with seed as ({seed.Statement} returning 1),
            numbers as (
                insert into projections.given_up (projection, number, first, last, since)
                select projection, $3, first, last, since from projections.given_up where projection = $1 and number = $2),
            late as (
                insert into projections.late_event (projection, number, position)
                select projection, $3, position from projections.late_event where projection = $1 and number = $2 and status = 'waiting')
            select v.position_major, v.position_minor, v.last_event_major, v.last_event_minor, v.last_event_hash, (select count(*) from seed),
                (select count(*) from projections.dead_letter d where d.projection = $1 and d.number = $2 and d.status <> 'resolved')
            from projections.version v
            where v.projection = $1 and v.number = $2 and v.role = 'live' and v.position_major is not null
            """,
            connection)
        {
            CommandTimeout = 0,
            Parameters = { new() { Value = seed.From.Id.Projection.Value }, new() { Value = seed.From.Id.Number }, new() { Value = definition.Id.Number } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Taken(
                reader.GetPosition(0)!.Value,
                reader.GetPosition(2) is { } last ? new EventFingerprint(last, reader.GetInt64(4)) : null,
                reader.GetInt64(5),
                reader.GetInt64(6))
            : throw new TimeoutException($"{seed.From.Id} is not live any more; what there is to take rows from is looked up again.");
    }

    /// <summary>Another handler might have folded what this one could not, so its rows lack more than they would after a replay.</summary>
    private void Refuse(Seed seed, Taken taken)
    {
        if (taken.DeadLetters > 0)
        {
            throw new BuildRefused(string.Create(
                CultureInfo.InvariantCulture,
                $"{definition.Id} cannot be seeded: the rows of {seed.From.Id} lack {taken.DeadLetters:N0} events that were set aside. Retry them with 'projections dead-letters {definition.Id.Projection} retry', then run 'projections resume {definition.Id.Projection} --version {definition.Id.Number}'; or have history replayed after all with 'projections rebuild {definition.Id.Projection} --to {definition.Id.Number} --anew --from-events'."));
        }
    }

    /// <summary>Folds the events that the live version does not handle over its rows.</summary>
    /// <returns>How many there were.</returns>
    private async Task<long> FoldAsync(NpgsqlConnection connection, Seed seed, EventPosition through, CancellationToken cancellationToken)
    {
        var folded = 0L;
        using var memory = system.ReplayMemory.Enter();
        using var fold = definition.OpenFold(new FoldOptions(system.Options.Schema, () => system.ReplayMemory.Share, TableIsEmpty: false)
        {
            HasLostBeginning = system.Source.HasLostBeginningAsync,
        });
        var filter = new EventFilter(seed.Except, definition.StreamCategory);
        await foreach (var batch in system.Source.History.ReadAsync(EventPosition.BeforeFirst, through, filter, cancellationToken).ReadAheadAsync(2, cancellationToken))
        {
            using (batch)
            {
                folded += await fold.FoldAsync(batch.Memory, connection, cancellationToken);
            }

            if (fold.MemoryBytes >= system.ReplayMemory.Share)
            {
                await WriteAsync(fold, connection, cancellationToken);
            }
        }

        await WriteAsync(fold, connection, cancellationToken);
        return folded;
    }

    private async Task WriteAsync(IVersionFold fold, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (fold.HasChanges)
        {
            await fold.WriteAsync(connection, cancellationToken);
        }

        await DeadLetters.AddAsync(connection, definition.Id, fold.SetAside, cancellationToken);
        fold.Committed();
    }

    private async Task AdvanceAsync(NpgsqlConnection connection, Seed seed, Taken taken, long folded, CancellationToken cancellationToken)
    {
        var proved = await Checkpoints.ProveAsync(connection, lease, VersionPhase.Replaying, cancellationToken);
        await Checkpoints.AdvanceAsync(connection, lease, null, taken.Position, folded, taken.Last, cancellationToken);
        await connection.ExecuteAsync(
            "update projections.version set seeded_from = $3, seed_agrees = null, seed_finding = null where projection = $1 and number = $2",
            cancellationToken,
            definition.Id.Projection.Value,
            definition.Id.Number,
            seed.From.Id.Number);
        var why = string.Create(CultureInfo.InvariantCulture, $"{taken.Rows:N0} rows were taken from v{seed.From.Id.Number} at position {taken.Position}")
            + (seed.Except.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", and {folded:N0} events that it does not handle were folded over them ({string.Join(", ", seed.Except.Order(StringComparer.Ordinal))})"));
        await VersionLife.RecordAsync(connection, definition.Id, proved.State, proved.State, actor with { Why = why }, cancellationToken);
    }

    /// <summary>What was taken from the live version.</summary>
    /// <param name="Position">Its checkpoint.</param>
    /// <param name="Last">The last event that went by it.</param>
    /// <param name="Rows">How many rows were made.</param>
    /// <param name="DeadLetters">How many events its rows lack.</param>
    private sealed record Taken(EventPosition Position, EventFingerprint? Last, long Rows, long DeadLetters);
}
