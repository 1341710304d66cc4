using System.Runtime.CompilerServices;
using Projections.Events;

namespace Projections.Tables;

/// <summary>
/// The way of the events of one name through a version: decoded, and then handed to each handler in the order of declaration.
/// Decoded events wait in order until they are applied, so that a batch can be decoded first and its rows loaded.
/// </summary>
internal abstract class EventRoute<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    public abstract void Decode(RecordedEvent[] batch, int index, DecodedEvents? decoded);

    /// <summary>Names the rows that the event decoded last asks for.</summary>
    public abstract void AddKeys(MissingKeys<TKey, TRow> keys, RecordedEvent[] batch, int index);

    /// <summary>Applies the event that has waited longest.</summary>
    public abstract void Apply(RowSet<TKey, TRow> rows, RecordedEvent[] batch, int index);

    /// <summary>The event that was applied last is to be applied once more.</summary>
    public abstract void TakeBack();

    /// <summary>Drops what waits.</summary>
    public abstract void Reset();
}

/// <inheritdoc/>
internal sealed class EventRoute<TKey, TRow, TEvent>(EventDecoder<TEvent> decoder, RowHandler<TKey, TRow, TEvent>[] handlers)
    : EventRoute<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    private TEvent[] _waiting = new TEvent[1];
    private int _decoded;
    private int _applied;

    public override void Decode(RecordedEvent[] batch, int index, DecodedEvents? decoded)
    {
        if (decoded is null || !decoded.TryGet(index, decoder, out var data))
        {
            data = decoder.Decode(batch[index]);
        }

        if (_applied == _decoded)
        {
            _applied = _decoded = 0;
        }

        if (_decoded == _waiting.Length)
        {
            Array.Resize(ref _waiting, Math.Max(64, _waiting.Length * 2));
        }

        _waiting[_decoded++] = data;
    }

    public override void AddKeys(MissingKeys<TKey, TRow> keys, RecordedEvent[] batch, int index)
    {
        var e = new Event<TEvent>(batch, index, _waiting[_decoded - 1]);
        foreach (var handler in handlers)
        {
            handler.AddKeys(keys, e);
        }
    }

    public override void Apply(RowSet<TKey, TRow> rows, RecordedEvent[] batch, int index)
    {
        var e = new Event<TEvent>(batch, index, _waiting[_applied++]);
        foreach (var handler in handlers)
        {
            handler.Apply(rows, e);
        }
    }

    public override void TakeBack() => _applied--;

    public override void Reset()
    {
        _applied = _decoded = 0;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<TEvent>())
        {
            Array.Clear(_waiting);
        }
    }
}
