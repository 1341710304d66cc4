using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Npgsql;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Replay;

namespace Projections.Operations;

/// <summary>Asks for a version to be built. The work is done by whichever worker takes its lease.</summary>
[Verb("rebuild", "Builds a version's table from history beside the live one, and keeps it current.")]
public sealed record RebuildCommand : Command<OperationResult>
{
    /// <summary>Stands for all other projections that the code has.</summary>
    internal const string All = "*";

    private const int MostOthers = 1_000;

    /// <summary>The version, or <c>null</c> for the newest that this code has.</summary>
    [Description("The version; the newest when left out."), Display(Name = "version"), Range(1, int.MaxValue)]
    public int? To { get; init; }

    /// <summary>Whether reads are to be switched to it as soon as it is ready. The default is no.</summary>
    [Description("Whether reads go to the version as soon as it is ready.")]
    public bool SwitchWhenReady { get; init; }

    /// <summary>Events a second at most; as many as possible when <c>null</c>.</summary>
    [Description("Events a second at most."), Display(Name = "limit"), Range(1, int.MaxValue)]
    public int? Throttle { get; init; }

    /// <summary>In how many shards history is replayed, each by whichever worker takes it. More may be asked for while it is replayed. As many as there are workers and events for when <c>null</c>.</summary>
    [Description("In how many shards history is replayed, each by whichever worker takes it; as many as there are workers and events for when left out."), Range(1, Catalog.Shards.Most)]
    public int? Shards { get; init; }

    /// <summary>Whether all of history is replayed, though the version could begin with the live one's rows (<c>seed.sql</c>). The default is no.</summary>
    [Description("Replay all of history, though the version could begin with the rows of the live one (seed.sql).")]
    public bool FromEvents { get; init; }

    /// <summary>Whether to begin anew with a version that has failed or is paused. The default is no.</summary>
    [Description("Begin anew with a version that has failed or is paused. Where it is live, reads stay on the rows that it has until they are switched.")]
    public bool Anew { get; init; }

    /// <summary>Other projections that are rebuilt as well, each to its newest version or to a named one (<c>open_items=2</c>); <c>*</c> for all others. They read history together.
    /// All of them are asked for, or none.</summary>
    [Description("Another projection that is rebuilt as well, to its newest version or to NAME=VERSION; * for all others. They read history together."), Display(Name = "others"), MaxLength(MostOthers)]
    public IReadOnlyList<string> With { get; init; } = [];

    private protected override FormattableString Arguments => $"{To} {SwitchWhenReady} {Throttle}{(Shards is { } shards ? $" in {shards}" : "")}{(FromEvents ? " from events" : "")}{string.Concat(With.Order(StringComparer.Ordinal).Select(other => $" {other}"))}";

    internal override IReadOnlyList<ProjectionName> OthersIn(ProjectionRegistry registry) => [.. OtherTargetsIn(registry).Select(target => target.Projection)];

    /// <summary>What is rebuilt beside the command's own projection; the newest version where none is named.</summary>
    /// <exception cref="OperationRefused">That is no name, or a projection is named twice.</exception>
    internal IReadOnlyList<(ProjectionName Projection, int? Number)> OtherTargetsIn(ProjectionRegistry registry)
    {
        List<(ProjectionName Projection, int? Number)> others = [.. With.Where(text => text != All).Select(TargetOf)];
        if (others.Select(other => other.Projection).Append(Projection).GroupBy(name => name).FirstOrDefault(names => names.Count() > 1)?.Key is { } twice)
        {
            throw new OperationRefused($"Cannot rebuild '{Projection}': '{twice}' is named twice.", isMistake: true);
        }

        return With.Contains(All)
            ? [.. others, .. registry.Projections.Where(name => name != Projection && !others.Exists(other => other.Projection == name)).Select(name => (name, (int?)null))]
            : others;
    }

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        !Anew ? new Rebuild(system).RunAsync(this, context, cancellationToken)
        : With.Count == 0 ? new BeginAnew(system).RunAsync(this, context, cancellationToken)
        : throw new OperationRefused($"Cannot rebuild '{Projection}' anew with others: one projection at a time is begun anew.", isMistake: true);

    private (ProjectionName Projection, int? Number) TargetOf(string text) =>
        VersionId.TryParse(text, out var version) ? (version.Projection, version.Number)
        : ProjectionName.IsValid(text) ? (new ProjectionName(text), null)
        : throw new OperationRefused($"Cannot rebuild '{Projection}': what goes with it is named as NAME or NAME=VERSION, such as 'open_items' or 'open_items=2'.", isMistake: true);
}

/// <summary>Asks for a version to be built. The work is done by whichever worker takes its lease.</summary>
internal sealed class Rebuild(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">There is no such version, or its state does not allow it; of several, one of them.</exception>
    public Task<OperationResult> RunAsync(RebuildCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var actor = command.ActorOf(context);
        var versions = command.OtherTargetsIn(system.Registry).Prepend((command.Projection, Number: command.To)).Select(target => Choose(target.Projection, target.Number));
        return CatalogCommand.RunAsync(
            system,
            [.. versions.Select(id => new ProjectionChange(id.Projection, (connection, snapshot) => PlanAsync(connection, snapshot, id, command, actor, cancellationToken)))],
            command.IdentityOf(context),
            actor,
            cancellationToken);
    }

    private VersionId Choose(ProjectionName projection, int? number)
    {
        var definition = DeclaredVersion.Choose(system.Registry, projection, number, "rebuild");
        return SourceFit.OfTenants(system.Source, definition).FirstOrDefault() is { } mixed ? throw new OperationRefused($"Cannot rebuild {definition.Id}: {mixed}") : definition.Id;
    }

    private async Task<OperationResult> PlanAsync(
        NpgsqlConnection connection, ProjectionSnapshot? snapshot, VersionId id, RebuildCommand command, Actor actor, CancellationToken cancellationToken)
    {
        RefuseOtherSource(snapshot);
        var version = snapshot?.Find(id.Number);
        RefuseShards(snapshot, id, command);
        if (version is not null and not { Phase: VersionPhase.Retired })
        {
            return await GoOnAsync(connection, version, command, cancellationToken);
        }

        RefuseSecond(snapshot, id);
        if (version is { HasTable: true })
        {
            throw new OperationRefused($"Cannot rebuild {id}: its old table is still to be dropped. Run 'projections retire {id.Projection} --version {id.Number}' again first.");
        }

        await ProjectionCatalog.AddProjectionAsync(connection, id.Projection, system.Source.Identity, cancellationToken);
        await EnterAsync(connection, id, command, cancellationToken);
        await VersionLife.RecordAsync(connection, id, version?.State, VersionState.Planned, actor, cancellationToken);
        return new OperationResult(id, $"{id} will be rebuilt from {system.Source.Identity}.");
    }

    private void RefuseShards(ProjectionSnapshot? snapshot, VersionId id, RebuildCommand command)
    {
        if (command.Shards is not > 1 || system.Registry.Find(id) is not { } definition)
        {
            return;
        }

        var live = snapshot?.Live;
        var isSeeded = definition.Files.SeedSql is not null && live is not null && live.Id != id && !command.FromEvents && snapshot?.Find(id.Number) is not { FromEvents: true };
        var obstacle = isSeeded ? $"it begins with the rows of {live!.Id} (seed.sql), unless it is rebuilt with --from-events" : ShardFit.FindObstacle(definition);
        if (obstacle is not null)
        {
            throw new OperationRefused($"Cannot rebuild {id} in shards: {obstacle}. Rebuild it without --shards.");
        }
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

    private async Task<OperationResult> GoOnAsync(
        NpgsqlConnection connection, VersionSnapshot version, RebuildCommand command, CancellationToken cancellationToken)
    {
        if (version.Phase is VersionPhase.Failed or VersionPhase.Paused)
        {
            var why = version.Failure is null ? "" : $" ({version.Failure})";
            throw new OperationRefused(
                $"Cannot rebuild {version.Id}: it is {version.State.Text()}{why}. Run 'projections resume {version.Id.Projection}' to go on from its checkpoint, or 'projections rebuild {version.Id.Projection} --to {version.Id.Number} --anew' to begin anew.");
        }

        if (command.FromEvents && !version.FromEvents && (version.SeededFrom is not null || (version.Checkpoint is null && system.Registry.Find(version.Id)?.Files.SeedSql is not null)))
        {
            throw new OperationRefused(
                $"Cannot rebuild {version.Id} from events: it is {version.State.Text()}, and begins with the rows of another version (seed.sql). Run 'projections abort {version.Id.Projection} --version {version.Id.Number}' first.");
        }

        var building = version.State.IsBuild();
        var shards = MoreShards(version, command);
        if (building || (version.State == VersionState.Ready && command.SwitchWhenReady))
        {
            await connection.ExecuteAsync(
                "update projections.version set switch_when_ready = $3, throttle = coalesce($4::int, throttle), shards = coalesce($5::int, shards) where projection = $1 and number = $2",
                cancellationToken,
                version.Id.Projection.Value,
                version.Id.Number,
                command.SwitchWhenReady,
                command.Throttle,
                shards);
        }

        return new OperationResult(version.Id, building ? $"{version.Id} is being rebuilt already{(shards is null ? "" : string.Create(CultureInfo.InvariantCulture, $", and in {shards} shards from now on"))}." : $"{version.Id} is {version.State.Text()} already.", AlreadyDone: true);
    }

    /// <summary>The number of shards to go on with, where another one is asked for.</summary>
    private static int? MoreShards(VersionSnapshot version, RebuildCommand command)
    {
        if (command.Shards is not { } asked || (version.Phase == VersionPhase.Replaying && asked == Math.Max(1, version.Shards.Count)))
        {
            return null;
        }

        return version switch
        {
            { Phase: not (VersionPhase.Planned or VersionPhase.Building or VersionPhase.Replaying) } => throw new OperationRefused(
                $"Cannot rebuild {version.Id} in {asked} shards: its history is folded already, and it is {version.State.Text()}."),
            { Shards.Count: var count } when asked < count => throw new OperationRefused(
                $"Cannot rebuild {version.Id} in {asked} shards: it has {count}, which are one again only when all of them are done."),
            _ => asked,
        };
    }

    private static Task<int> EnterAsync(NpgsqlConnection connection, VersionId id, RebuildCommand command, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            insert into projections.version as v (projection, number, switch_when_ready, throttle, shards, from_events)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (projection, number) do update
            set phase = 'planned', manifest = null, position_major = null, position_minor = null,
                checkpointed_at = null, joined_xid = null, joined_at = null, switch_when_ready = excluded.switch_when_ready,
                throttle = excluded.throttle, shards = excluded.shards, from_events = excluded.from_events, activity = null, events_done = 0, events_total = null, progress_events = 0,
                trouble = null, trouble_since = null, drop_outs = 0,
                -- A worker that still held it is fenced off.
                lease_holder = null, lease_epoch = v.lease_epoch + 1, lease_until = null,
                requested_at = clock_timestamp(), started_at = null, replayed_at = null, ready_at = null
            where v.phase = 'retired'
            """,
            cancellationToken,
            id.Projection.Value,
            id.Number,
            command.SwitchWhenReady,
            command.Throttle,
            command.Shards,
            command.FromEvents);
}
