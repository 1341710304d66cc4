using System.Diagnostics;
using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Feeds;
using Projections.Catalog.Reactions;
using Projections.Definitions;
using Projections.Events;
using Projections.Feeds;
using Projections.LateEvents;
using Projections.Postgres;
using Projections.Reactions;
using Projections.Telemetry;

namespace Projections.Replay;

/// <summary>
/// A fold bound to the checkpoint of its version, or of a shard of it: what promise 1 (rows and checkpoint commit together) and promise 2 (the lease
/// is proved in each transaction) come down to.
/// </summary>
internal sealed class CheckpointedFold : IDisposable
{
    private readonly NpgsqlDataSource _readModels;
    private readonly TimeProvider _time;
    private readonly TagList _tags;
    private readonly TagList _commitTags;
    private readonly MissedNumbers? _missed;
    private readonly IReadOnlyDictionary<EventPosition, string>? _toSetAside;
    private readonly List<SetAsideEvent> _setAside = [];
    private readonly ReactionCapture _reactions;
    private readonly FeedCapture? _feed;

    /// <param name="system">The system.</param>
    /// <param name="definition">The version.</param>
    /// <param name="lease">The right to write it, or a shard of it.</param>
    /// <param name="checkpoint">Where its checkpoint is.</param>
    /// <param name="memoryBytes">How much memory its rows may take at a moment.</param>
    /// <param name="partitions">In how many parts rows may be folded side by side.</param>
    /// <param name="toSetAside">Events that are to be set aside and not folded, each with why.</param>
    /// <param name="captures">What is kept of what happens to the rows; <c>null</c> for nothing.</param>
    public CheckpointedFold(
        ProjectionSystem system,
        ProjectionVersion definition,
        Lease lease,
        EventPosition? checkpoint,
        Func<long> memoryBytes,
        int partitions = 1,
        IReadOnlyDictionary<EventPosition, string>? toSetAside = null,
        FoldCaptures? captures = null)
    {
        captures ??= FoldCaptures.None;
        (_reactions, _feed) = captures;
        _toSetAside = toSetAside is { Count: > 0 } ? toSetAside : null;
        _readModels = system.Steady;
        _time = system.Time;
        _tags = Instruments.Of(system.Database, definition.Id);
        _commitTags = Instruments.Of(system.Database, definition.Id.Projection, [new("work", "replay")]);
        _missed = MissedNumbers.Of(system, definition.Id);
        Definition = definition;
        Lease = lease;
        Checkpoint = checkpoint;
        Through = checkpoint ?? EventPosition.BeforeFirst;
        Share = lease.Shard is { } shard ? definition.AllStreams!.Value with { From = shard.Id.From, To = shard.To } : null;
        Fold = definition.OpenFold(new FoldOptions(system.Options.Schema, memoryBytes, TableIsEmpty: checkpoint is null, Partitions: partitions, IndexWorkers: system.Options.IndexWorkers)
        {
            HasLostBeginning = system.Source.HasLostBeginningAsync,
            Share = Share,
            Watch = captures.Watch,
        });
    }

    public ProjectionVersion Definition { get; }

    public Lease Lease { get; }

    /// <summary>The part of the streams that is folded; <c>null</c> for all.</summary>
    public StreamShare? Share { get; }

    public IVersionFold Fold { get; }

    /// <summary>The committed checkpoint.</summary>
    public EventPosition? Checkpoint { get; private set; }

    /// <summary>How far events have been folded; at or past the checkpoint.</summary>
    public EventPosition Through { get; private set; }

    /// <summary>How many events were folded since the last commit.</summary>
    public long EventsSinceCommit { get; private set; }

    /// <summary>The last event that went by since the fold was opened, by which the source's history is recognised.</summary>
    private EventFingerprint? Last { get; set; }

    public bool IsBeyondCheckpoint => Checkpoint is not { } checkpoint || Through > checkpoint;

    /// <summary>Whether there are rows or dead letters to write.</summary>
    public bool HasChanges => Fold.HasChanges || Fold.SetAside.Count > 0 || _setAside.Count > 0;

    /// <summary>The same captures for events that are folded out of their turn, while the version is at its checkpoint.</summary>
    public FoldCaptures OutOfTurn(IReadOnlySet<EventPosition> late) => new(_reactions.To(late), _feed?.At(Checkpoint ?? EventPosition.BeforeFirst));

    /// <summary>How many bytes it takes what happens to rows in memory, besides the rows.</summary>
    public long CapturedBytes => _feed?.Bytes ?? 0;

    /// <summary>The version has got everything that had turned up late at a generation of the watch.</summary>
    public void Mended(int generation) => _missed?.Mended(generation);

    /// <summary>Folds the events, which end at <paramref name="through"/>, in memory.</summary>
    /// <param name="events">The events; a part of one batch.</param>
    /// <param name="through">Up to where they are all.</param>
    /// <param name="cancellationToken">Cancels what has to be looked up.</param>
    /// <param name="decoded">What they were decoded to already, or <c>null</c>.</param>
    /// <returns>How many events the version handled.</returns>
    public async ValueTask<int> FoldAsync(ReadOnlyMemory<RecordedEvent> events, EventPosition through, CancellationToken cancellationToken, DecodedEvents? decoded = null)
    {
        var handled = 0;
        if (!events.IsEmpty)
        {
            // Opened only if the fold has to look something up.
            await using var connection = _readModels.CreateConnection();
            try
            {
                handled = _toSetAside is null
                    ? await Fold.FoldAsync(events, connection, cancellationToken, decoded)
                    : await FoldOthersAsync(events, _toSetAside, connection, decoded, cancellationToken);
            }
            catch (PoisonEvent poison) when (_missed is not null)
            {
                await _missed.RefuseIfSomeTurnedUpAsync(poison.Message, cancellationToken);
                throw;
            }

            Last = EventFingerprint.Of(events.Span[^1]);
        }

        if (_missed is not null)
        {
            await _missed.PassAsync(Through, through, events, cancellationToken);
        }

        Through = through;
        EventsSinceCommit += handled;
        if (handled > 0)
        {
            Instruments.Events.Add(handled, _tags);
            Instruments.BatchSize.Record(handled, _tags);
        }

        Lease.Progress = new LeaseProgress(Checkpoint, EventsSinceCommit, Through);
        return handled;
    }

    /// <summary>Writes rows and dead letters in the transaction that is open on <paramref name="connection"/>.</summary>
    public async Task WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_missed is not null && Fold.SetAside.Count > 0)
        {
            await _missed.RefuseIfSomeTurnedUpAsync(Fold.SetAside[0].Error, cancellationToken);
        }

        if (Fold.HasChanges)
        {
            await Fold.WriteAsync(connection, cancellationToken);
        }

        await DeadLetters.AddAsync(connection, Definition.Id, [.. Fold.SetAside, .. _setAside], cancellationToken);
    }

    /// <summary>Adds rows to a batch, if they are few and there are no dead letters.</summary>
    /// <returns>Whether all that there is to write is in the batch.</returns>
    public bool TryAddTo(NpgsqlBatch batch) => Fold.SetAside.Count + _setAside.Count == 0 && (!Fold.HasChanges || Fold.TryAddTo(batch));

    /// <summary>Adds what <see cref="AdvanceAsync"/> does to a batch that is one transaction.</summary>
    public void AddAdvanceTo(NpgsqlBatch batch)
    {
        _missed?.AddTo(batch);
        Checkpoints.Add(batch, Lease, Checkpoint, Through, EventsSinceCommit, Last);
    }

    /// <summary>Moves the checkpoint to <see cref="Through"/> and proves the lease; the last statement before the commit.</summary>
    public async Task AdvanceAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_missed is not null)
        {
            await _missed.WriteAsync(connection, cancellationToken);
        }

        await Checkpoints.AdvanceAsync(connection, Lease, Checkpoint, Through, EventsSinceCommit, Last, cancellationToken);
    }

    /// <summary>
    /// Adds what follows from the rows, and what became of them, to a batch that is one transaction, behind the checkpoints of all versions of the projection that move in it.
    /// </summary>
    public void AddCapturedTo(NpgsqlBatch batch)
    {
        if (!_reactions.IsEmpty)
        {
            Add(batch, ReactionOutbox.Statements(Definition.Id, _reactions));
        }

        if (_feed is { IsEmpty: false })
        {
            Add(batch, FeedLog.Statements(Definition.Id, _feed));
        }
    }

    /// <summary>
    /// Writes what follows from the rows, and what became of them, once the checkpoints of all versions of the projection that move in the transaction are moved.
    /// </summary>
    public async Task WriteCapturedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await FeedLog.AddAsync(connection, Definition.Id, _feed, cancellationToken);
        await ReactionOutbox.AddAsync(connection, Definition.Id, _reactions, cancellationToken);
        if (_reactions.IsOn && Fold.SetAside.Count + _setAside.Count > 0)
        {
            await ReactionOutbox.OweAsync(connection, Definition.Id, Checkpoint ?? EventPosition.BeforeFirst, cancellationToken);
        }
    }

    /// <summary>Writes what follows from events that were folded out of their turn, and have had no messages, and what became of the rows.</summary>
    public async Task WriteCapturedLateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await FeedLog.AddAsync(connection, Definition.Id, _feed, cancellationToken);
        await ReactionOutbox.AddAsync(connection, Definition.Id, _reactions, cancellationToken, late: true);
    }

    /// <summary>The transaction of <see cref="WriteAsync"/> and <see cref="AdvanceAsync"/> has been committed.</summary>
    public void Committed()
    {
        if (Fold.SetAside.Count + _setAside.Count is > 0 and var setAside)
        {
            Instruments.DeadLetters.Add(setAside, _tags);
        }

        _setAside.Clear();
        _reactions.Clear();
        _feed?.Clear();
        Fold.Committed();
        _missed?.Committed();
        Checkpoint = Through;
        EventsSinceCommit = 0;
        Lease.Progress = new LeaseProgress(Checkpoint, 0, Through);
    }

    /// <summary>Writes and commits everything folded so far, in a transaction of its own.</summary>
    public async Task CommitAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Losing the last commits in a crash loses rows and checkpoint alike: they are folded again.
        await connection.ExecuteAsync("set local synchronous_commit = off", cancellationToken);
        await WriteAsync(connection, cancellationToken);
        await AdvanceAsync(connection, cancellationToken);
        await WriteCapturedAsync(connection, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Committed();
        Instruments.CommitDuration.Record(_time.GetElapsedTime(began).TotalSeconds, _commitTags);
    }

    public void Dispose() => Fold.Dispose();

    /// <summary>Disposes of it once a handler that is not waited for any longer has returned, if it ever does.</summary>
    public void DisposeAfter(Task? stillRunning)
    {
        if (stillRunning is null)
        {
            Dispose();
            return;
        }

        // A handler that never returns keeps its thread; there is no way to end one.
        _ = stillRunning.ContinueWith(_ => Dispose(), TaskScheduler.Default);
    }

    private static void Add(NpgsqlBatch batch, IEnumerable<NpgsqlBatchCommand> statements)
    {
        foreach (var statement in statements)
        {
            batch.BatchCommands.Add(statement);
        }
    }

    /// <summary>Folds all events but those that are to be set aside, which count as handled, too.</summary>
    private async ValueTask<int> FoldOthersAsync(
        ReadOnlyMemory<RecordedEvent> events, IReadOnlyDictionary<EventPosition, string> toSetAside, NpgsqlConnection connection, DecodedEvents? decoded, CancellationToken cancellationToken)
    {
        var handled = 0;
        var start = 0;
        for (var i = 0; i < events.Length; i++)
        {
            // What was passed before is a dead letter that somebody wants folded once more.
            if (events.Span[i].Position > Through && toSetAside.TryGetValue(events.Span[i].Position, out var why) && Share?.Has(events.Span[i].Stream) != false)
            {
                handled += await Fold.FoldAsync(events[start..i], connection, cancellationToken, decoded) + 1;
                _setAside.Add(SetAsideEvent.Of(events.Span[i], PoisonStage.Fold, why));
                start = i + 1;
            }
        }

        return handled + await Fold.FoldAsync(events[start..], connection, cancellationToken, decoded);
    }
}
