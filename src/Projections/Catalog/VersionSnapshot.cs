using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>A version's row in the catalog, as it was when it was read.</summary>
public sealed record VersionSnapshot
{
    /// <summary>The columns that <see cref="Read"/> expects, in its order; <c>v</c> is the table's alias.</summary>
    internal const string ColumnList =
        $"""
        v.projection, v.number, v.phase, v.role, v.state, v.manifest, v.has_table,
        v.position_major, v.position_minor, v.checkpointed_at, v.trouble, v.trouble_since, v.switch_when_ready, v.throttle,
        v.activity, v.events_done, v.events_total, v.progress_events, v.events_per_second,
        v.failure, v.failure_major, v.failure_minor, v.drop_outs,
        v.lease_holder, v.lease_epoch, v.lease_until, coalesce(v.lease_until > clock_timestamp(), false),
        v.requested_at, v.started_at, v.replayed_at, v.ready_at, v.events_total_is_about, v.progress_major, v.progress_minor,
        v.seeded_from, v.seed_agrees, v.seed_finding, v.reactions, v.shards, v.from_events,
        (select jsonb_agg({ShardSnapshot.Json} order by s.from_hash)::text from projections.shard s where s.projection = v.projection and s.number = v.number)
        """;

    /// <summary>How the activity of whoever is held by a brake begins.</summary>
    internal const string Held = "held by the brake ";

    /// <summary>How many columns those are.</summary>
    internal const int Columns = 41;

    public required VersionId Id { get; init; }

    public required VersionPhase Phase { get; init; }

    public VersionRole Role { get; init; }

    /// <summary>What people see of phase and role.</summary>
    public required VersionState State { get; init; }

    /// <summary>Where work goes on that was stopped: what is missing says it.</summary>
    public VersionPhase ResumePhase =>
        !HasTable ? VersionPhase.Planned : ReplayedAt is null ? VersionPhase.Replaying : VersionPhase.CatchingUp;

    /// <summary>Whether another program writes the table.</summary>
    public bool External => Phase == VersionPhase.External;

    /// <summary>Whether it is advanced together with the others of its projection that are, in one transaction.</summary>
    public bool Lockstep => Phase == VersionPhase.Following;

    /// <summary>The hash of the folder that the table was built with, or <c>null</c> before that.</summary>
    public string? Manifest { get; init; }

    public bool HasTable { get; init; }

    /// <summary>The checkpoint, or <c>null</c>: nothing is known, so the version is never caught up.</summary>
    public EventPosition? Checkpoint { get; init; }

    public DateTime? CheckpointedAt { get; init; }

    /// <summary>What keeps the work from going on at present, and is no fault of the version.</summary>
    public string? Trouble { get; init; }

    public DateTime? TroubleSince { get; init; }

    public bool SwitchWhenReady { get; init; }

    /// <summary>Events a second at most while replaying, or <c>null</c>.</summary>
    public int? Throttle { get; init; }

    public string? Activity { get; init; }

    /// <summary>Which brake holds whoever rebuilds it, and by what figure, as its activity says; <c>null</c> where none does.</summary>
    internal string? Hold => IsLeased && Activity?.IndexOf(Held, StringComparison.Ordinal) is >= 0 and var at ? Activity[at..] : null;

    /// <summary>Events folded and committed; those of its shards, too.</summary>
    public long EventsDone { get => field + Shards.Sum(shard => shard.EventsDone); init; }

    /// <summary>
    /// How many events there are to fold in all, or <c>null</c> when that is not known: not estimated, or estimated too low, as
    /// shows when a replay has come so far and goes on.
    /// </summary>
    public long? EventsTotal { get => State == VersionState.Replaying && field <= EventsDone + EventsInProgress ? null : field; init; }

    /// <summary>Whether <see cref="EventsTotal"/> was estimated and not counted.</summary>
    public bool EventsTotalIsAbout { get; init; }

    /// <summary>Events folded and not yet committed.</summary>
    public long EventsInProgress { get => field + Shards.Sum(shard => shard.EventsInProgress); init; }

    /// <summary>Up to where events are folded and not yet committed, or committed by all its shards; <c>null</c> where there are none.</summary>
    public EventPosition? FoldedThrough
    {
        get => Shards.Count > 0 ? Shards.Min(shard => shard.FoldedThrough ?? shard.Checkpoint ?? EventPosition.BeforeFirst) : EventsInProgress > 0 ? field : null;
        init;
    }

    public double? EventsPerSecond { get => Shards.Count > 0 ? Shards.Sum(shard => shard.EventsPerSecond) : field; init; }

    public string? Failure { get; init; }

    public EventPosition? FailurePosition { get; init; }

    public int DropOuts { get; init; }

    public string? LeaseHolder { get; init; }

    internal LeaseEpoch LeaseEpoch { get; init; }

    public DateTime? LeaseUntil { get; init; }

    /// <summary>Whether the lease was valid, by the database's clock, when the row was read.</summary>
    public bool IsLeased { get; init; }

    public DateTime RequestedAt { get; init; }

    public DateTime? StartedAt { get; init; }

    /// <summary>When all of history had been folded and the indexes were there.</summary>
    public DateTime? ReplayedAt { get; init; }

    public DateTime? ReadyAt { get; init; }

    /// <summary>The number of the version whose rows it began with; <c>null</c> where all of history was folded.</summary>
    internal int? SeededFrom { get; init; }

    /// <summary>Whether its rows were found to be right, or <c>null</c> as long as nobody has looked.</summary>
    internal bool? SeedAgrees { get; init; }

    /// <summary>What was found then.</summary>
    internal string? SeedFinding { get; init; }

    /// <summary>Whether all of history is to be replayed, though it could begin with the rows of another version.</summary>
    internal bool FromEvents { get => field && Phase != VersionPhase.Retired; init; }

    /// <summary>In how many shards somebody asked for its history to be replayed, or <c>null</c>.</summary>
    internal int? ShardsAsked { get; init; }

    /// <summary>The shards in which its history is being replayed, in the order of their streams; empty while one worker folds all of it.</summary>
    internal IReadOnlyList<ShardSnapshot> Shards { get; init; } = [];

    /// <summary>How often its projection's reactions were started or stopped since it is there.</summary>
    internal int Reactions { get; init; }

    internal bool AwaitsSeedProof => SeededFrom is not null && SeedAgrees is null;

    internal static VersionSnapshot Read(NpgsqlDataReader row) => new()
    {
        Id = new VersionId(new ProjectionName(row.GetString(0)), row.GetInt32(1)),
        Phase = VersionPhases.Parse(row.GetString(2)),
        Role = VersionRoles.Parse(row.GetString(3)),
        State = VersionStates.Parse(row.GetString(4)),
        Manifest = row.GetNullable<string>(5),
        HasTable = row.GetBoolean(6),
        Checkpoint = row.GetPosition(7),
        CheckpointedAt = row.GetNullableValue<DateTime>(9),
        Trouble = row.GetNullable<string>(10),
        TroubleSince = row.GetNullableValue<DateTime>(11),
        SwitchWhenReady = row.GetBoolean(12),
        Throttle = row.GetNullableValue<int>(13),
        Activity = row.GetNullable<string>(14),
        EventsDone = row.GetInt64(15),
        EventsTotal = row.GetNullableValue<long>(16),
        EventsInProgress = row.GetInt64(17),
        EventsPerSecond = row.GetNullableValue<double>(18),
        Failure = row.GetNullable<string>(19),
        FailurePosition = row.GetPosition(20),
        DropOuts = row.GetInt32(22),
        LeaseHolder = row.GetNullable<string>(23),
        LeaseEpoch = new LeaseEpoch(row.GetInt64(24)),
        LeaseUntil = row.GetNullableValue<DateTime>(25),
        IsLeased = row.GetBoolean(26),
        RequestedAt = row.GetDateTime(27),
        StartedAt = row.GetNullableValue<DateTime>(28),
        ReplayedAt = row.GetNullableValue<DateTime>(29),
        ReadyAt = row.GetNullableValue<DateTime>(30),
        EventsTotalIsAbout = row.GetBoolean(31),
        FoldedThrough = row.GetPosition(32),
        SeededFrom = row.GetNullableValue<int>(34),
        SeedAgrees = row.GetNullableValue<bool>(35),
        SeedFinding = row.GetNullable<string>(36),
        Reactions = row.GetInt32(37),
        ShardsAsked = row.GetNullableValue<int>(38),
        FromEvents = row.GetBoolean(39),
        Shards = ShardSnapshot.ReadAll(row.GetNullable<string>(40)),
    };
}
