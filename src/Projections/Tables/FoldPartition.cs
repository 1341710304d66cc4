using Npgsql;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Tables;

/// <summary>
/// One part of a fold, with the rows of some of the keys. As long as everything that the table holds of them is in memory as well, a
/// batch is decoded and applied event by event; else it is decoded first, what it needs is loaded in one query, and then it is applied.
/// </summary>
internal sealed class FoldPartition<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    private readonly PoisonHandling _poison;
    private readonly string? _category;
    private readonly StreamShare _share;
    private readonly EventRoutes<EventRoute<TKey, TRow>> _routes;
    private readonly MissingKeys<TKey, TRow> _missing;
    private readonly IRowLoader<TKey, TRow> _loader;
    private readonly CutStreams? _cut;
    private readonly IRowWatch? _watch;
    private readonly Queue<(int Index, Exception Error)> _undecodable = [];
    private EventRoute<TKey, TRow>?[] _routesOfBatch = [];

    public FoldPartition(
        ProjectionVersion version,
        RowMapping<TKey, TRow> mapping,
        IReadOnlyDictionary<string, EventRoute<TKey, TRow>> routes,
        IRowLoader<TKey, TRow> loader,
        StreamShare share,
        FoldOptions options,
        IReadOnlySet<TKey>? only)
    {
        var policy = options.PolicyOf(version);
        _poison = new PoisonHandling(version.Id, policy);
        _category = version.StreamCategory;
        _share = share;
        _routes = new EventRoutes<EventRoute<TKey, TRow>>(routes);
        _loader = loader;
        _watch = options.Watch;
        _cut = version.WithoutBeginning == StreamsWithoutBeginning.Fail || options.HasLostBeginning is not { } hasLostBeginning
            ? null
            : new CutStreams(version.WithoutBeginning, hasLostBeginning);
        Rows = new RowSet<TKey, TRow>(mapping)
        {
            // An event whose stream has to be looked at is folded once more.
            KeepsUndo = policy == PoisonPolicy.SetAside || _cut is not null,
            Only = only,
        };
        _missing = new MissingKeys<TKey, TRow>(mapping, Rows) { Evicted = options.TableIsEmpty ? new EvictedKeys<TKey>() : null };
    }

    public RowSet<TKey, TRow> Rows { get; }

    public long MemoryBytes => Rows.Bytes + (_missing.Evicted?.Bytes ?? 0) + _poison.Bytes;

    public IReadOnlyList<SetAsideEvent> SetAside => _poison.SetAside;

    /// <inheritdoc cref="IVersionFold.FoldAsync"/>
    public ValueTask<int> FoldAsync(ArraySegment<RecordedEvent> events, NpgsqlConnection connection, CancellationToken cancellationToken, DecodedEvents? decoded = null)
    {
        Rows.Tick();
        return _missing.Evicted is { IsEmpty: true }
            ? FoldInOnePassAsync(events, decoded, cancellationToken)
            : FoldInTwoPassesAsync(events, decoded, connection, cancellationToken);
    }

    /// <summary>What was written is in the table. Rows are evicted when they take nearly <paramref name="memoryBytes"/>.</summary>
    public void Committed(long memoryBytes)
    {
        Rows.Committed();
        _poison.Clear();

        // Making room for half at once keeps evicting, which looks at every row, rare.
        if (Rows.Bytes > memoryBytes / 4 * 3)
        {
            Rows.Evict(memoryBytes / 2, key => _missing.Evicted?.Add(key));
        }
    }

    public void Forget()
    {
        Rows.Clear();
        _poison.Clear();
        ResetBatch();

        // What was committed before is in the table, and now nothing is known of it.
        _missing.Evicted = null;
    }

    private async ValueTask<int> FoldInOnePassAsync(ArraySegment<RecordedEvent> events, DecodedEvents? decoded, CancellationToken cancellationToken)
    {
        var handled = 0;
        var batch = events.Array!;
        for (var index = events.Offset; index < events.Offset + events.Count; index++)
        {
            if (RouteOf(batch[index]) is { } route)
            {
                handled++;
                if (TryDecode(route, batch, index, decoded) is { } error)
                {
                    _poison.Handle(batch[index], PoisonStage.Decode, error);
                }
                else if (!TryApply(route, batch, index, isKnown: _cut is null))
                {
                    await ApplyOnceKnownAsync(route, batch, index, cancellationToken);
                }
            }
        }

        return handled;
    }

    private async ValueTask<int> FoldInTwoPassesAsync(ArraySegment<RecordedEvent> events, DecodedEvents? decoded, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var handled = DecodeAll(events, decoded);
            if (_missing.Keys.Count > 0)
            {
                await _loader.LoadAsync(Rows, _missing.Keys, connection, cancellationToken);
            }

            await ApplyAllAsync(events, cancellationToken);
            return handled;
        }
        finally
        {
            ResetBatch();
        }
    }

    private int DecodeAll(ArraySegment<RecordedEvent> events, DecodedEvents? decoded)
    {
        if (_routesOfBatch.Length < events.Count)
        {
            _routesOfBatch = new EventRoute<TKey, TRow>?[events.Count];
        }

        var handled = 0;
        for (var i = 0; i < events.Count; i++)
        {
            var index = events.Offset + i;
            var route = RouteOf(events.Array![index]);
            _routesOfBatch[i] = null;
            if (route is not null)
            {
                handled++;
                if (TryDecode(route, events.Array, index, decoded) is { } error)
                {
                    _undecodable.Enqueue((index, error));
                }
                else
                {
                    _routesOfBatch[i] = route;
                    AddKeys(route, events.Array, index);
                }
            }
        }

        return handled;
    }

    /// <summary>Applies what could be decoded; what could not is dealt with in its turn, so that a version stops at the first bad event of all.</summary>
    private async ValueTask ApplyAllAsync(ArraySegment<RecordedEvent> events, CancellationToken cancellationToken)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var index = events.Offset + i;
            if (_routesOfBatch[i] is { } route)
            {
                if (!TryApply(route, events.Array!, index, isKnown: _cut is null))
                {
                    await ApplyOnceKnownAsync(route, events.Array!, index, cancellationToken);
                }
            }
            else if (_undecodable.TryPeek(out var next) && next.Index == index)
            {
                _poison.Handle(events.Array![index], PoisonStage.Decode, _undecodable.Dequeue().Error);
            }
        }
    }

    private EventRoute<TKey, TRow>? RouteOf(in RecordedEvent recorded) =>
        _share.Has(recorded.Stream) && (_category is null || StreamCategory.Matches(recorded.Stream, _category)) ? _routes.Find(recorded.Type) : null;

    /// <returns>Why there is no event to apply, or <c>null</c>.</returns>
    private static Exception? TryDecode(EventRoute<TKey, TRow> route, RecordedEvent[] batch, int index, DecodedEvents? decoded)
    {
        try
        {
            route.Decode(batch, index, decoded);
            return null;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return error;
        }
    }

    private void AddKeys(EventRoute<TKey, TRow> route, RecordedEvent[] batch, int index)
    {
        try
        {
            _missing.Suspicious = HoldsNul(batch[index]);
            route.AddKeys(_missing, batch, index);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The same code fails again when the event is applied, in its turn, and is dealt with there.
        }
    }

    /// <param name="route">The event's way.</param>
    /// <param name="batch">Where the event is.</param>
    /// <param name="index">Which one it is.</param>
    /// <param name="isKnown">Whether all that there is to know of its stream is known.</param>
    /// <returns>Whether the event is dealt with; else its row is missing, and its stream is to be looked at first.</returns>
    private bool TryApply(EventRoute<TKey, TRow> route, RecordedEvent[] batch, int index, bool isKnown)
    {
        try
        {
            var isWatched = _watch is not null && _watch.Wants(batch[index]);
            Rows.BeginEvent(isWatched);
            Rows.Suspicious = HoldsNul(batch[index]);
            Rows.WithoutBeginning = _cut?.ChoiceFor(batch[index]) ?? StreamsWithoutBeginning.Fail;
            route.Apply(Rows, batch, index);
            if (isWatched)
            {
                Rows.Tell(_watch!, batch, index);
            }

            return true;
        }
        catch (RowConflict conflict) when (conflict.IsOfMissingRow && !isKnown)
        {
            Rows.UndoEvent();
            route.TakeBack();
            return false;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _poison.Handle(batch[index], PoisonStage.Fold, error);
            Rows.UndoEvent();
            return true;
        }
    }

    private async ValueTask ApplyOnceKnownAsync(EventRoute<TKey, TRow> route, RecordedEvent[] batch, int index, CancellationToken cancellationToken)
    {
        await _cut!.LookAsync(batch[index], cancellationToken);
        TryApply(route, batch, index, isKnown: true);
    }

    // A NUL can only come from an escape: raw, it is not JSON.
    private static bool HoldsNul(in RecordedEvent recorded) => recorded.Data.Span.IndexOf("\\u0000"u8) >= 0;

    private void ResetBatch()
    {
        _missing.Clear();
        _undecodable.Clear();
        foreach (var route in _routes.All)
        {
            route.Reset();
        }
    }
}
