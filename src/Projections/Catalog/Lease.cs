using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>
/// The right of one worker to write one version, or one shard of it, with the epoch that fences off earlier holders. Renewed by the
/// <see cref="LeaseKeeper"/>; proved anew in every transaction that writes (<see cref="Checkpoints"/>), so that a holder
/// that has slept past its lease cannot write even if it has not noticed.
/// </summary>
internal sealed class Lease : IAsyncDisposable
{
    private readonly LeaseKeeper _keeper;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _stopAsked = new();
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _released;

    internal Lease(LeaseKeeper keeper, VersionSnapshot taken, ShardSnapshot? shard = null)
    {
        _keeper = keeper;
        Taken = taken;
        Shard = shard;
        Throttle = shard is not null && taken.Throttle is { } all ? Math.Max(1, all / Math.Max(1, taken.Shards.Count(one => !one.IsDone))) : taken.Throttle;
    }

    /// <summary>
    /// The version as it was when the lease was taken: no earlier holder can have moved its checkpoint since, as one still may that has
    /// slept past its lease after anybody looked at the version before.
    /// </summary>
    public VersionSnapshot Taken { get; }

    /// <summary>The shard as it was when its lease was taken; <c>null</c> where the lease is the version's.</summary>
    public ShardSnapshot? Shard { get; }

    public VersionId Version => Taken.Id;

    /// <summary>What is held: a <see cref="VersionId"/> or a <see cref="ShardId"/>.</summary>
    public object Subject => Shard is { } shard ? shard.Id : Version;

    public string Holder => _keeper.Holder;

    public LeaseEpoch Epoch => Shard?.LeaseEpoch ?? Taken.LeaseEpoch;

    /// <summary>How often the projection's reactions had been started or stopped when it was taken.</summary>
    public int Reactions => Shard?.Reactions ?? Taken.Reactions;

    /// <summary>Cancelled when the lease is known to be lost.</summary>
    public CancellationToken Lost => _ended.Token;

    /// <summary>Completes when the lease is lost or a stop is asked for.</summary>
    public Task Ended => _ending.Task;

    /// <summary>Cancelled when somebody paused, aborted or failed the version: commit what there is, and let go.</summary>
    public CancellationToken StopAsked => _stopAsked.Token;

    /// <summary>Events a second at most, or <c>null</c>; as it stands in the catalog since the last renewal. Of a version's the shards that are not done have equal parts.</summary>
    public int? Throttle { get; private set; }

    /// <summary>In how many shards somebody wants the version's history replayed; as it stands in the catalog since the last renewal.</summary>
    public int? ShardsAsked { get; private set; }

    /// <summary>What was folded since the last commit; shown, not trusted.</summary>
    public LeaseProgress Progress { get; set; } = LeaseProgress.None;

    /// <summary>How fast events are being folded; shown, not trusted.</summary>
    public double? EventsPerSecond { get; set; }

    internal void Renewed(VersionPhase phase, int? throttle, int? shards)
    {
        Throttle = throttle;
        ShardsAsked = shards;
        if (phase.IsStopped())
        {
            _stopAsked.CallOff();
            _ending.TrySetResult();
        }
    }

    internal void MarkLost()
    {
        _ended.CallOff();
        _ending.TrySetResult();
    }

    /// <summary>Gives the version free for others, unless that has happened already.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            await _keeper.ReleaseAsync(this);
        }
    }
}

/// <summary>Events that were folded and not committed yet. A beat may send them when they are committed already: whoever adds them up proves the checkpoint that they come after.</summary>
/// <param name="Checkpoint">The checkpoint that they come after; <c>null</c> where there was none.</param>
/// <param name="Events">How many.</param>
/// <param name="Through">The position up to which they go.</param>
internal sealed record LeaseProgress(EventPosition? Checkpoint, long Events, EventPosition Through)
{
    public static readonly LeaseProgress None = new(null, 0, EventPosition.BeforeFirst);
}
