using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Reactions;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Switching;

namespace Projections.Operations;

/// <summary>
/// Builds a version anew, from the first event on, that has failed or is paused. Where it is the live one, the read name goes on showing
/// its table, until reads are switched to what was built.
/// </summary>
internal sealed class BeginAnew(ProjectionSystem system)
{
    /// <inheritdoc cref="Rebuild.RunAsync"/>
    public async Task<OperationResult> RunAsync(RebuildCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var id = DeclaredVersion.Choose(system.Registry, command.Projection, command.To, "rebuild").Id;
        var build = command with { To = id.Number, Anew = false };
        var rebuild = new Rebuild(system);
        var snapshot = await system.Catalog.ReadAsync(id.Projection, cancellationToken);
        if (snapshot?.Find(id.Number) is { Phase: VersionPhase.Failed or VersionPhase.Paused } stopped && !await WasDoneAsync(build, context, cancellationToken))
        {
            rebuild.RefuseIfImpossible(snapshot, id);
            var first = context with { CommandId = null };
            await (stopped.Role == VersionRole.Live
                ? KeepTableAsync(id, build, first, cancellationToken)
                : new Retire(system).RunAsync(new RetireCommand { Projection = id.Projection, Version = id.Number, Why = command.Why }, first, cancellationToken));
        }

        return await rebuild.RunAsync(build, context, cancellationToken);
    }

    private async Task<bool> WasDoneAsync(RebuildCommand build, CommandContext context, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        return await CommandLog.FindAsync(connection, build.IdentityOf(context), build.Projection, cancellationToken) is not null;
    }

    private async Task<OperationResult> KeepTableAsync(VersionId id, RebuildCommand build, CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await CatalogCommand.RunAsync(
                system, build, context, (connection, _) => KeepTableAsync(connection, id, build.ActorOf(context), cancellationToken), cancellationToken);
        }
        catch (PostgresException exception) when (exception.IsAboutLocks)
        {
            throw new OperationRefused($"Cannot build {id} anew: a long transaction reads its table, and readers are not made to queue behind us. Try again when it has ended.");
        }
    }

    private async Task<OperationResult> KeepTableAsync(NpgsqlConnection connection, VersionId id, Actor actor, CancellationToken cancellationToken)
    {
        var version = (await ProjectionCatalog.LockAsync(connection, id, cancellationToken))!;
        if (version is not { Phase: VersionPhase.Failed or VersionPhase.Paused, Role: VersionRole.Live, IsLeased: false })
        {
            throw new OperationRefused($"Cannot build {id} anew: it is {version.State.Text()}{(version.IsLeased ? $", and worker {version.LeaseHolder} has not let go of it yet" : "")}. Try again in a moment.");
        }

        await RefuseOtherUsersAsync(connection, id, cancellationToken);
        await connection.ExecuteAsync("set local lock_timeout = '200ms'", cancellationToken);
        // With its partitions, indexes and sequences: their names are needed for the new table. Who reads it through the view does not notice.
        var table = SqlName.Quote(system.Options.Schema, id.Table);
        var parts = await connection.QueryAsync(
            "select relid::regclass::text from pg_partition_tree($1::regclass) where level > 0", row => row.GetString(0), cancellationToken, table);
        await connection.ExecuteAsync(
            string.Join("; ", parts.Prepend(table).Select(part => $"alter table {part} set schema {SqlName.Quote(CatalogSchema.Name)}")), cancellationToken);
        await VersionLife.MoveAsync(connection, version, VersionPhase.Retired, actor with { Why = actor.Why ?? "built anew" }, cancellationToken);
        if (version.Checkpoint is { } passed)
        {
            await ReactionHandover.PassAsync(connection, id.Projection, passed, cancellationToken);
        }

        await TableRemoval.ForgetAsync(connection, id, cancellationToken);
        await connection.ExecuteAsync(
            "update projections.projection set kept_table = $2, generation = generation + 1 where name = $1", cancellationToken, id.Projection.Value, id.Table);
        return new OperationResult(id, $"Readers keep the table of {id}.");
    }

    /// <summary>It is dropped in the end, and what stands on it would be in the way then.</summary>
    private async Task RefuseOtherUsersAsync(NpgsqlConnection connection, VersionId id, CancellationToken cancellationToken)
    {
        var view = await ReadName.ReadAsync(connection, system.Options.Schema, id.Projection.Value, cancellationToken);
        var table = await ReadName.ReadAsync(connection, system.Options.Schema, id.Table, cancellationToken);
        var own = view is null ? null : await connection.ScalarAsync<string>("select pg_describe_object('pg_class'::regclass, $1, 0)", cancellationToken, view.Oid);
        var others = table is null ? [] : (await Dependants.OfAsync(connection, table.Oid, cancellationToken)).Where(dependant => dependant != own).ToList();
        if (others.Count > 0)
        {
            throw new OperationRefused($"Cannot build {id} anew: {string.Join(", ", others)} depend{(others.Count == 1 ? "s" : "")} on its table {id.Table}. Drop or change {(others.Count == 1 ? "it" : "them")} first.");
        }
    }
}
