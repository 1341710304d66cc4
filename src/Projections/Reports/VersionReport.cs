using Projections.Catalog;
using Projections.Checks;
using Projections.Events;
using Projections.Operations;
using Projections.Switching;

namespace Projections.Reports;

/// <summary>A version as every door tells it. The names of the properties are part of the program's contract.</summary>
internal sealed record VersionReport
{
    public required int Version { get; init; }

    public required string State { get; init; }

    /// <summary>The state that a paused or failed version goes back to.</summary>
    public required string? ResumeState { get; init; }

    /// <summary>Whether another program writes it.</summary>
    public required bool External { get; init; }

    /// <summary>Whether it is advanced together with the live version.</summary>
    public required bool Lockstep { get; init; }

    public required EventPosition? Position { get; init; }

    /// <summary>Up to where events are folded whose rows are not committed yet; <c>null</c> where there are none. Moves between commits.</summary>
    public required EventPosition? FoldedThrough { get; init; }

    /// <summary>How many events are folded whose rows are not committed yet; they count as behind.</summary>
    public required long EventsInProgress { get; init; }

    /// <summary>How far it is behind; <c>null</c> without a position, and where that is not known.</summary>
    public required long? LagEvents { get; init; }

    public required double? LagSeconds { get; init; }

    /// <summary>Whether it is behind by at least so much: the safe head itself is not known yet.</summary>
    public required bool LagIsAtLeast { get; init; }

    /// <summary>Whether the number of events was estimated and not counted.</summary>
    public required bool LagIsAbout { get; init; }

    public required string? Activity { get; init; }

    /// <summary>What keeps the work on it from going on at present and is no fault of its own; it goes on by itself once that is mended.</summary>
    public required string? Trouble { get; init; }

    public required long EventsDone { get; init; }

    public required long? EventsTotal { get; init; }

    /// <summary>Whether <see cref="EventsTotal"/> was estimated and not counted.</summary>
    public required bool EventsTotalIsAbout { get; init; }

    public required double? EventsPerSecond { get; init; }

    /// <summary>About how long the replay will go on at its present rate, in seconds.</summary>
    public required double? SecondsLeft { get; init; }

    /// <summary>The shards in which its history is being replayed, in the order of their streams; empty while one worker folds all of it.</summary>
    public required IReadOnlyList<ShardReport> Shards { get; init; }

    public required int? Throttle { get; init; }

    /// <summary>Whether reads are switched to it by itself as soon as it is ready.</summary>
    public required bool SwitchWhenReady { get; init; }

    /// <summary>The version whose rows it began with, in place of a replay.</summary>
    public required int? SeededFrom { get; init; }

    /// <summary>Whether those rows were found to be right; <c>null</c> as long as that is not proved.</summary>
    public required bool? SeedAgrees { get; init; }

    /// <summary>What was found of them.</summary>
    public required string? SeedFinding { get; init; }

    public required string? Failure { get; init; }

    public required EventPosition? FailurePosition { get; init; }

    /// <summary>What helps where it has failed, in the order in which it helps.</summary>
    public required IReadOnlyList<WayOut> WaysOut { get; init; }

    public required long DeadLetters { get; init; }

    /// <summary>How many events turned up behind its checkpoint and are missing from its rows.</summary>
    public required long LateEvents { get; init; }

    /// <summary>Why its rows cannot get them; <c>null</c> when they can, or there are none.</summary>
    public required string? LateEventsProblem { get; init; }

    /// <summary>How many late events its rows got within the time for which numbers are looked at again.</summary>
    public required long LateEventsMended { get; init; }

    /// <summary>How many gaps in the source's numbers it passed without a proof; they are looked at again.</summary>
    public required long GivenUpNumbers { get; init; }

    /// <summary>The worker that holds the lease at present.</summary>
    public required string? Worker { get; init; }

    public required DateTime RequestedAt { get; init; }

    public required DateTime? StartedAt { get; init; }

    public required DateTime? ReadyAt { get; init; }

    /// <summary>Where its rows are: <c>plain</c>, <c>partitioned</c>, or <c>distributed</c> over the servers of Citus; <c>null</c> without a table.</summary>
    public string? Table { get; init; }

    /// <summary>What the last catch-up check found of it, if there was one.</summary>
    public VersionCheckReport? LastCheck { get; init; }

    /// <summary>How it last compared with the live version, of the tables as they are now; for a version that reads could be switched to.</summary>
    public VerifiedReport? Verified { get; init; }

    /// <summary>What a switch to it would do to the read name, for a version that reads could be switched to.</summary>
    public ReadNameChange? Switch { get; init; }

    public static VersionReport Of(VersionStatus status, ReadNameChange? change, CheckRecord? check = null)
    {
        var version = status.Version;
        return new VersionReport
        {
            Version = version.Id.Number,
            State = version.State.Text(),
            ResumeState = version.Phase is VersionPhase.Paused or VersionPhase.Failed ? version.Role == VersionRole.Candidate ? version.ResumePhase.Text() : version.Role.Text() : null,
            External = version.External,
            Lockstep = version.Lockstep,
            Position = version.Checkpoint,
            FoldedThrough = version.FoldedThrough,
            EventsInProgress = version.EventsInProgress,
            LagEvents = status.Lag?.Events,
            LagSeconds = status.Lag is { } lag ? Math.Round(lag.Time.TotalSeconds, 3) : null,
            LagIsAtLeast = status.Lag is { IsAtLeast: true },
            LagIsAbout = status.Lag is { IsAbout: true },
            Activity = version.Activity,
            Trouble = version.Trouble,
            EventsDone = version.EventsDone + version.EventsInProgress,
            EventsTotal = version.EventsTotal,
            EventsTotalIsAbout = version.EventsTotalIsAbout,
            EventsPerSecond = version.EventsPerSecond is { } rate ? Math.Round(rate) : null,
            SecondsLeft = SecondsLeftOf(version),
            Shards = [.. version.Shards.Select(ShardReport.Of)],
            Throttle = version.Throttle,
            SwitchWhenReady = version.SwitchWhenReady,
            SeededFrom = version.SeededFrom,
            SeedAgrees = version.SeedAgrees,
            SeedFinding = version.SeedFinding,
            Failure = version.Failure,
            FailurePosition = version.FailurePosition,
            WaysOut = WayOut.Of(version),
            DeadLetters = status.DeadLetters,
            LateEvents = status.LateEvents.Waiting,
            LateEventsProblem = status.LateEvents.Problem,
            LateEventsMended = status.LateEvents.Mended,
            GivenUpNumbers = status.LateEvents.Watched,
            Worker = version.IsLeased ? version.LeaseHolder : null,
            RequestedAt = version.RequestedAt,
            StartedAt = version.StartedAt,
            ReadyAt = version.ReadyAt,
            LastCheck = check is null ? null : VersionCheckReport.Of(check),
            Switch = change,
        };
    }

    private static double? SecondsLeftOf(VersionSnapshot version) =>
        version.State is VersionState.Replaying or VersionState.CatchingUp
        && version.EventsPerSecond is > 0 and var rate
        && version.EventsTotal - version.EventsDone - version.EventsInProgress is > 0 and var rest
            ? Math.Round(rest / rate, 1)
            : null;
}
