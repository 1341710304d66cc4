using System.ComponentModel;
using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Switching;
using Projections.Tables;

namespace Projections.Operations;

/// <summary>Asks for a plain table to be taken over.</summary>
[Verb("adopt", "Takes over an existing table of the projection's name: it becomes version 1, with the view in its place.")]
public sealed record AdoptCommand : Command<OperationResult>
{
    /// <summary>The position up to which the rows are complete, for a table that this service is to follow from there; <c>null</c> for one that another
    /// program maintains.</summary>
    [Description("The position up to which the rows are complete; the table is followed from there. Left out when another program goes on maintaining it.")]
    public EventPosition? At { get; init; }

    private protected override FormattableString Arguments => $"{At}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new Adopt(system).RunAsync(this, context, cancellationToken);
}

/// <summary>
/// Takes over a plain table that services read: renames it to <c>&lt;name&gt;_v1</c> and puts a view in its place, in one
/// transaction. Owner, grants and comments pass to the view. A table that another program maintains goes on being written by
/// it, through the view, until reads are switched away.
/// </summary>
internal sealed class Adopt(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">There is no such table, it is a view, or it is not what version 1 says.</exception>
    public async Task<OperationResult> RunAsync(AdoptCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await CatalogCommand.RunAsync(
                system, command, context, (connection, snapshot) => AdoptAsync(connection, snapshot, command.Projection, command.At, command.ActorOf(context), cancellationToken), cancellationToken);
        }
        catch (PostgresException exception) when (exception.IsAboutLocks)
        {
            throw new OperationRefused($"Cannot adopt '{command.Projection}': a long transaction uses the table, and readers are not made to queue behind us. Try again when it has ended.");
        }
    }

    private async Task<OperationResult> AdoptAsync(
        NpgsqlConnection connection, ProjectionSnapshot? snapshot, ProjectionName projection, EventPosition? at, Actor actor, CancellationToken cancellationToken)
    {
        var id = new VersionId(projection, 1);
        if (snapshot?.Find(1) is { Phase: not VersionPhase.Retired } known)
        {
            return new OperationResult(id, $"{id} is {known.State.Text()} already.", AlreadyDone: true);
        }

        var table = await ReadName.ReadAsync(connection, system.Options.Schema, projection.Value, cancellationToken)
            ?? throw new OperationRefused($"Cannot adopt '{projection}': there is no table of that name in the schema '{system.Options.Schema}'.", isMistake: true);
        if (table.Kind is not ('r' or 'p'))
        {
            throw new OperationRefused($"Cannot adopt '{projection}': it is not a plain table.", isMistake: true);
        }

        if (at is null && await TableKinds.OfAsync(connection, SqlName.Quote(system.Options.Schema, projection.Value), cancellationToken) == TableKind.Distributed)
        {
            throw new OperationRefused(
                $"Cannot adopt '{projection}' for another program to go on writing it: its rows are distributed, and Citus writes to no view. Stop that program first, and say up to which position its rows are complete ('--at').", isMistake: true);
        }

        await RefuseDifferencesAsync(connection, id, at, cancellationToken);
        await connection.ExecuteAsync("set local lock_timeout = '200ms'", cancellationToken);
        await connection.ExecuteAsync(
            $"alter table {SqlName.Quote(system.Options.Schema, projection.Value)} rename to {SqlName.Quote(id.Table)}", cancellationToken);
        var change = ReadNameChange.From(null, table.Columns, contract: null);
        var view = new ReadView(system.Options.Schema, projection.Value);
        await view.PointAsync(connection, null, change, id.Table, writable: at is null, cancellationToken);
        await view.RestoreAsync(connection, table, change, cancellationToken);
        await RecordAsync(connection, id, at, actor, cancellationToken);
        return new OperationResult(
            id,
            at is null
                ? $"'{projection}' is adopted as {id}; the program that maintains it goes on writing through the view."
                : $"'{projection}' is adopted as {id} and will be followed from position {at}.");
    }

    private async Task RefuseDifferencesAsync(NpgsqlConnection connection, VersionId id, EventPosition? at, CancellationToken cancellationToken)
    {
        if (at is null)
        {
            return;
        }

        if (system.Registry.Find(id) is not { } definition)
        {
            throw new OperationRefused($"Cannot follow {id}: {system.Registry.WhyMissing(id)} Adopt it without '--at' if another program maintains it.", isMistake: true);
        }

        var shape = await TableShapes.ReadAsync(connection, system.Options.Schema, id.Projection.Value, cancellationToken);
        var differences = definition.Columns is { } expected && shape is not null ? shape.DifferencesFrom(expected) : [];
        if (differences.Count > 0)
        {
            throw new OperationRefused($"Cannot adopt '{id.Projection}' as {id}: the table is not what the handler's row type says: {string.Join(" ", differences)}");
        }
    }

    private async Task RecordAsync(NpgsqlConnection connection, VersionId id, EventPosition? at, Actor actor, CancellationToken cancellationToken)
    {
        await ProjectionCatalog.AddProjectionAsync(connection, id.Projection, system.Source.Identity, cancellationToken);
        await connection.ExecuteAsync(
            """
            insert into projections.version as v (projection, number, phase, role, has_table, manifest, position_major, position_minor, replayed_at)
            values ($1, $2, $3, 'live', true, $4, $5, $6, clock_timestamp())
            on conflict (projection, number) do update
            set phase = excluded.phase, role = excluded.role, has_table = true, manifest = excluded.manifest,
                position_major = excluded.position_major, position_minor = excluded.position_minor, replayed_at = excluded.replayed_at
            where v.phase = 'retired'
            """,
            cancellationToken,
            id.Projection.Value, id.Number, (at is null ? VersionPhase.External : VersionPhase.CatchingUp).Text(), at is null ? null : system.Registry.Find(id)?.Manifest.ToString(), at?.Major, at?.Minor);
        await connection.ExecuteAsync(
            "update projections.projection set generation = generation + 1 where name = $1", cancellationToken, id.Projection.Value);
        await VersionLife.RecordAsync(connection, id, null, VersionState.Live, actor with { Why = actor.Why ?? "adopted" }, cancellationToken);
        await connection.ExecuteAsync(
            """
            insert into projections.switch (projection, generation, from_version, to_version, position_major, position_minor, manner, attempts, who, why)
            select name, generation, null, $2, $3, $4, 'adopted', 1, $5, $6 from projections.projection where name = $1
            """,
            cancellationToken,
            id.Projection.Value, id.Number, at?.Major, at?.Minor, actor.Who, actor.Why);
        await Outbox.AddAsync(connection, AnnouncementKind.Switched, id, actor, new AnnouncementDetails { Position = at?.ToString() }, cancellationToken);
    }
}
