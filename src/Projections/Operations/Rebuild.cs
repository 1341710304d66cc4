using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Replay;

namespace Projections.Operations;

/// <summary>Asks for a version to be built. The work is done by whichever worker takes its lease.</summary>
public sealed class Rebuild(ProjectionSystem system)
{
    /// <param name="projection">The projection.</param>
    /// <param name="to">The version, or <c>null</c> for the newest that this code has.</param>
    /// <param name="switchWhenReady">Whether reads are to be switched to it as soon as it is ready.</param>
    /// <param name="throttle">Events a second at most, or <c>null</c>.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="cancellationToken">Cancels the request, not the work.</param>
    /// <exception cref="OperationRefused">There is no such version, or its state does not allow it.</exception>
    public Task<OperationResult> RunAsync(
        ProjectionName projection, int? to, bool switchWhenReady, int? throttle, CommandContext context, CancellationToken cancellationToken)
    {
        var definition = DeclaredVersion.Choose(system.Registry, projection, to, "rebuild");
        var id = definition.Id;
        if (SourceFit.OfTenants(system.Source, definition).FirstOrDefault() is { } mixed)
        {
            throw new OperationRefused($"Cannot rebuild {id}: {mixed}");
        }

        return CatalogCommand.RunAsync(
            system, projection, IdentityOf(context, to, switchWhenReady, throttle), context, (connection, snapshot) => PlanAsync(connection, snapshot, id, switchWhenReady, throttle, context.Actor, cancellationToken), cancellationToken);
    }

    internal static CommandIdentity IdentityOf(CommandContext context, int? to, bool switchWhenReady, int? throttle) =>
        context.IdentityOf("rebuild", $"{to} {switchWhenReady} {throttle}");

    private async Task<OperationResult> PlanAsync(
        NpgsqlConnection connection, ProjectionSnapshot? snapshot, VersionId id, bool switchWhenReady, int? throttle, Actor actor, CancellationToken cancellationToken)
    {
        RefuseOtherSource(snapshot);
        var version = snapshot?.Find(id.Number);
        if (version is not null and not { Phase: VersionPhase.Retired })
        {
            return await GoOnAsync(connection, version, switchWhenReady, throttle, cancellationToken);
        }

        RefuseSecond(snapshot, id);
        if (version is { HasTable: true })
        {
            throw new OperationRefused($"Cannot rebuild {id}: its old table is still to be dropped. Run 'projections retire {id.Projection} --version {id.Number}' again first.");
        }

        await ProjectionCatalog.AddProjectionAsync(connection, id.Projection, system.Source.Identity, cancellationToken);
        await EnterAsync(connection, id, switchWhenReady, throttle, cancellationToken);
        await VersionLife.RecordAsync(connection, id, version?.State, VersionState.Planned, actor, cancellationToken);
        return new OperationResult(id, $"{id} will be rebuilt from {system.Source.Identity}.");
    }

    /// <exception cref="OperationRefused">The projection is read from another store, or another version of it is being rebuilt.</exception>
    internal void RefuseIfImpossible(ProjectionSnapshot snapshot, VersionId id)
    {
        RefuseOtherSource(snapshot);
        RefuseSecond(snapshot, id);
    }

    private void RefuseOtherSource(ProjectionSnapshot? snapshot)
    {
        if (snapshot is not null && snapshot.Source != system.Source.Identity)
        {
            throw new OperationRefused(
                $"Cannot rebuild '{snapshot.Name}': its versions are read from {snapshot.Source}, and this program is configured to read {system.Source.Identity}. Positions of one store mean nothing in another; configure the right one.");
        }
    }

    private static void RefuseSecond(ProjectionSnapshot? snapshot, VersionId id)
    {
        if (snapshot?.Versions.FirstOrDefault(other => other.Phase is VersionPhase.Planned or VersionPhase.Building or VersionPhase.Replaying) is { } busy)
        {
            throw new OperationRefused(
                $"Cannot rebuild {id}: {busy.Id} is {busy.State.Text()}, and a projection is rebuilt once at a time. Wait until it is ready, or run 'projections abort {id.Projection} --version {busy.Id.Number}'.");
        }
    }

    private static async Task<OperationResult> GoOnAsync(
        NpgsqlConnection connection, VersionSnapshot version, bool switchWhenReady, int? throttle, CancellationToken cancellationToken)
    {
        if (version.Phase is VersionPhase.Failed or VersionPhase.Paused)
        {
            var why = version.Failure is null ? "" : $" ({version.Failure})";
            throw new OperationRefused(
                $"Cannot rebuild {version.Id}: it is {version.State.Text()}{why}. Run 'projections resume {version.Id.Projection}' to go on from its checkpoint, or 'projections rebuild {version.Id.Projection} --to {version.Id.Number} --anew' to begin anew.");
        }

        var building = version.State.IsBuild();
        if (building || (version.State == VersionState.Ready && switchWhenReady))
        {
            await connection.ExecuteAsync(
                "update projections.version set switch_when_ready = $3, throttle = coalesce($4::int, throttle) where projection = $1 and number = $2",
                cancellationToken,
                version.Id.Projection.Value,
                version.Id.Number,
                switchWhenReady,
                throttle);
        }

        return new OperationResult(version.Id, building ? $"{version.Id} is being rebuilt already." : $"{version.Id} is {version.State.Text()} already.", AlreadyDone: true);
    }

    private static Task<int> EnterAsync(NpgsqlConnection connection, VersionId id, bool switchWhenReady, int? throttle, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            insert into projections.version as v (projection, number, switch_when_ready, throttle)
            values ($1, $2, $3, $4)
            on conflict (projection, number) do update
            set phase = 'planned', manifest = null, position_major = null, position_minor = null,
                checkpointed_at = null, joined_xid = null, joined_at = null, switch_when_ready = excluded.switch_when_ready,
                throttle = excluded.throttle, activity = null, events_done = 0, events_total = null, progress_events = 0,
                trouble = null, trouble_since = null, drop_outs = 0,
                -- A worker that still held it is fenced off.
                lease_holder = null, lease_epoch = v.lease_epoch + 1, lease_until = null,
                requested_at = clock_timestamp(), started_at = null, replayed_at = null, ready_at = null
            where v.phase = 'retired'
            """,
            cancellationToken,
            id.Projection.Value,
            id.Number,
            switchWhenReady,
            throttle);
}
