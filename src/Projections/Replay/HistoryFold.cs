using Npgsql;
using Projections.Catalog;
using Projections.Events;

namespace Projections.Replay;

/// <summary>
/// Folds history for a version, or for a shard of one: together with others that stand at the same place, with a commit from time to time, and no faster than
/// somebody asked for, the brakes allow and readers bear.
/// </summary>
internal sealed class HistoryFold : IAsyncDisposable
{
    /// <summary>Who is held for longer begins to read anew behind it: for as long as it is read, the store keeps a snapshot.</summary>
    private static readonly TimeSpan LongestHoldInReading = TimeSpan.FromSeconds(5);

    private readonly ProjectionSystem _system;
    private readonly RebuildHold? _hold;
    private readonly Throttle _throttle;
    private readonly Rate _rate;
    private readonly ReaderGuard? _guard;
    private readonly ReaderProbe? _probe;

    /// <param name="system">The system.</param>
    /// <param name="fold">What is folded, and its checkpoint.</param>
    /// <param name="hold">Waits for the brakes; <c>null</c> for what readers see, which is held by nothing and waits for nobody.</param>
    public HistoryFold(ProjectionSystem system, CheckpointedFold fold, RebuildHold? hold)
    {
        _system = system;
        _hold = hold;
        _throttle = new Throttle(system.Time);
        _rate = new Rate(system.Time);
        Fold = fold;
        if (system.Options.ReaderLatencyLimit is { } limit)
        {
            _guard = new ReaderGuard(limit);
            _probe = ReaderProbe.Start(system, fold.Definition.Id.Projection, _guard, () => _rate.PerSecond);
        }
    }

    public CheckpointedFold Fold { get; }

    /// <summary>Asked between two batches: whether somebody wants it to end where it is.</summary>
    public Func<bool> EndsEarly { get; init; } = () => false;

    /// <summary>How many events were folded.</summary>
    public long Handled { get; private set; }

    private Lease Lease => Fold.Lease;

    /// <summary>How many events a second it may take, by what somebody asked for and by what readers bear.</summary>
    private int? EventsPerSecond => (Lease.Throttle, _guard?.PerSecond) switch
    {
        ({ } asked, { } borne) => Math.Min(asked, borne),
        var (asked, borne) => asked ?? borne,
    };

    /// <summary>Folds and commits everything up to <paramref name="upTo"/>, or up to where it is when it is stopped.</summary>
    /// <param name="source">Where history is read.</param>
    /// <param name="upTo">Where it ends; at or before a safe head that was looked up before.</param>
    /// <param name="expected">By what others know that it is about to read with them; <c>null</c> when it reads alone.</param>
    /// <param name="stop">Stops it between two batches.</param>
    public async Task AdvanceAsync(IEventSource source, EventPosition upTo, IDisposable? expected, CancellationToken stop)
    {
        await using var connection = await _system.ReadModels.OpenConnectionAsync(Lease.Lost);
        try
        {
            await FoldAllAsync(source, upTo, expected, connection, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !Lease.Lost.IsCancellationRequested)
        {
            // Stopped between two batches: what has been folded is whole, and is kept.
        }

        if (Fold.IsBeyondCheckpoint || Fold.Fold.HasChanges)
        {
            await Fold.CommitAsync(connection, Lease.Lost);
        }
    }

    public ValueTask DisposeAsync() => _probe?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task FoldAllAsync(IEventSource source, EventPosition upTo, IDisposable? expected, NpgsqlConnection connection, CancellationToken stop)
    {
        var committed = _system.Time.GetTimestamp();
        bool shares;
        var isInterrupted = false;
        do
        {
            await (_hold?.EndAsync(stop) ?? Task.CompletedTask);
            shares = MayShare();
            await foreach (var batch in _system.Passes.ReadAsync(Fold.Definition, Fold.Share, source, Fold.Through, upTo, shares, expected, stop))
            {
                using (batch)
                {
                    committed = await FoldAsync(batch, connection, committed, stop);
                }

                isInterrupted = shares != MayShare() || EndsEarly() || !await GoesOnAsync(stop);
                if (isInterrupted)
                {
                    break;
                }
            }
        }
        while (isInterrupted && Fold.Through < upTo && !EndsEarly());

        // Whom readers wait for waits for nobody, and who is held to a rate would hold the others.
        bool MayShare() => expected is not null && _hold is not null && EventsPerSecond is null;
    }

    /// <returns>Whether it goes on with what it is reading, for no brake holds it, or not for long.</returns>
    private async ValueTask<bool> GoesOnAsync(CancellationToken stop) => _hold is null || await _hold.IsOverAsync(LongestHoldInReading, stop);

    /// <returns>When there was a commit last.</returns>
    private async Task<long> FoldAsync(EventBatch batch, NpgsqlConnection connection, long committed, CancellationToken stop)
    {
        foreach (var (events, through) in Pieces(batch))
        {
            var handled = await Fold.FoldAsync(events, through, Lease.Lost, batch.Decoded);
            _rate.Add(handled);
            Handled += handled;
            Lease.EventsPerSecond = _rate.PerSecond;
            if (Fold.Fold.MemoryBytes + Fold.CapturedBytes >= _system.ReplayMemory.Share
                || _system.Time.GetElapsedTime(committed) >= _system.Options.ReplayCommitInterval)
            {
                await Fold.CommitAsync(connection, Lease.Lost);
                committed = _system.Time.GetTimestamp();
            }

            await _throttle.DelayAsync(handled, EventsPerSecond, stop);
        }

        return committed;
    }

    /// <summary>A batch as a whole or, under a throttle, in pieces of about a hundredth of a second each, so that readers get their turn in between.</summary>
    private IEnumerable<(ReadOnlyMemory<RecordedEvent> Events, EventPosition Through)> Pieces(EventBatch batch)
    {
        var events = batch.Memory;
        while (EventsPerSecond is { } perSecond && events.Length > perSecond / 100 && events.Length > 1)
        {
            var length = Math.Clamp(perSecond / 100, 1, events.Length - 1);
            yield return (events[..length], events.Span[length - 1].Position);
            events = events[length..];
        }

        yield return (events, batch.Through);
    }
}
