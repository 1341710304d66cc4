using System.Runtime.InteropServices;
using Npgsql;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Tables;

/// <summary>
/// Folds events into the rows of a table. As long as everything that the table holds is in memory as well, a batch is decoded and
/// applied event by event; else it is decoded first, what it needs is loaded in one query, and then it is applied.
/// </summary>
internal sealed class TableFold<TKey, TRow> : IVersionFold
    where TKey : notnull
    where TRow : class, new()
{
    private readonly FoldOptions _options;
    private readonly PoisonHandling _poison;
    private readonly string? _category;
    private readonly EventRoutes<EventRoute<TKey, TRow>> _routes;
    private readonly RowSet<TKey, TRow> _rows;
    private readonly MissingKeys<TKey, TRow> _missing;
    private readonly RowLoader<TKey, TRow> _loader;
    private readonly RowWriter<TKey, TRow> _writer;
    private EventRoute<TKey, TRow>?[] _routesOfBatch = [];

    public TableFold(
        ProjectionVersion version,
        RowMapping<TKey, TRow> mapping,
        IReadOnlyDictionary<string, EventRoute<TKey, TRow>> routes,
        FoldOptions options,
        IReadOnlySet<TKey>? only = null)
    {
        var statements = new TableStatements(options.Schema, version.Id.Table, mapping.Columns, [.. mapping.Key.Select(part => part.Column)]);
        _options = options;
        _poison = new PoisonHandling(version.Id, options.PolicyOf(version));
        _category = version.StreamCategory;
        _routes = new EventRoutes<EventRoute<TKey, TRow>>(routes);
        _rows = new RowSet<TKey, TRow>(mapping) { KeepsUndo = options.PolicyOf(version) == PoisonPolicy.SetAside, Only = only };
        _missing = new MissingKeys<TKey, TRow>(mapping, _rows) { Evicted = options.TableIsEmpty ? new EvictedKeys<TKey>() : null };
        _loader = new RowLoader<TKey, TRow>(mapping, statements);
        _writer = new RowWriter<TKey, TRow>(mapping, statements);
    }

    public long MemoryBytes => _rows.Bytes + (_missing.Evicted?.Bytes ?? 0) + _poison.Bytes;

    public bool HasChanges => _rows.HasChanges;

    public IReadOnlyList<SetAsideEvent> SetAside => _poison.SetAside;

    public ValueTask<int> FoldAsync(ReadOnlyMemory<RecordedEvent> events, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = MemoryMarshal.TryGetArray(events, out var segment) ? segment : new ArraySegment<RecordedEvent>(events.ToArray());
        _rows.Tick();
        return _missing.Evicted is { IsEmpty: true }
            ? new ValueTask<int>(FoldInOnePass(batch))
            : FoldInTwoPassesAsync(batch, connection, cancellationToken);
    }

    public Task<long> WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        _writer.WriteAsync(_rows, connection, cancellationToken);

    public void Committed()
    {
        _rows.Committed();
        _poison.Clear();

        // Making room for half at once keeps evicting, which looks at every row, rare.
        if (_rows.Bytes > _options.MemoryBytes / 4 * 3)
        {
            _rows.Evict(_options.MemoryBytes / 2, key => _missing.Evicted?.Add(key));
        }
    }

    public void Forget()
    {
        _rows.Clear();
        _poison.Clear();
        ResetBatch();

        // What was committed before is in the table, and now nothing is known of it.
        _missing.Evicted = null;
    }

    public void Dispose() => _rows.Clear();

    private int FoldInOnePass(ArraySegment<RecordedEvent> events)
    {
        var handled = 0;
        var batch = events.Array!;
        for (var index = events.Offset; index < events.Offset + events.Count; index++)
        {
            if (RouteOf(batch[index]) is { } route)
            {
                handled++;
                if (Decode(route, batch, index))
                {
                    Apply(route, batch, index);
                }
            }
        }

        return handled;
    }

    private async ValueTask<int> FoldInTwoPassesAsync(ArraySegment<RecordedEvent> events, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var setAsideBefore = _poison.SetAside.Count;
        try
        {
            var handled = DecodeAll(events);
            if (_missing.Keys.Count > 0)
            {
                await _loader.LoadAsync(_rows, _missing.Keys, connection, cancellationToken);
            }

            ApplyAll(events);
            _poison.SortByPosition(setAsideBefore);
            return handled;
        }
        finally
        {
            ResetBatch();
        }
    }

    private int DecodeAll(ArraySegment<RecordedEvent> events)
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
                if (Decode(route, events.Array, index))
                {
                    _routesOfBatch[i] = route;
                    AddKeys(route, events.Array, index);
                }
            }
        }

        return handled;
    }

    private void ApplyAll(ArraySegment<RecordedEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (_routesOfBatch[i] is { } route)
            {
                Apply(route, events.Array!, events.Offset + i);
            }
        }
    }

    private EventRoute<TKey, TRow>? RouteOf(in RecordedEvent recorded) =>
        _category is null || StreamCategory.Matches(recorded.Stream, _category) ? _routes.Find(recorded.Type) : null;

    /// <returns>Whether there is an event to apply; <c>false</c> when it was set aside.</returns>
    private bool Decode(EventRoute<TKey, TRow> route, RecordedEvent[] batch, int index)
    {
        try
        {
            route.Decode(batch[index]);
            return true;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _poison.Handle(batch[index], PoisonStage.Decode, error);
            return false;
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

    private void Apply(EventRoute<TKey, TRow> route, RecordedEvent[] batch, int index)
    {
        try
        {
            _rows.BeginEvent();
            _rows.Suspicious = HoldsNul(batch[index]);
            route.Apply(_rows, batch, index);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _poison.Handle(batch[index], PoisonStage.Fold, error);
            _rows.UndoEvent();
        }
    }

    // A NUL can only come from an escape: raw, it is not JSON.
    private static bool HoldsNul(in RecordedEvent recorded) => recorded.Data.Span.IndexOf("\\u0000"u8) >= 0;

    private void ResetBatch()
    {
        _missing.Clear();
        foreach (var route in _routes.All)
        {
            route.Reset();
        }
    }
}
