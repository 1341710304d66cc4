using Projections.Definitions;
using Projections.Events;

namespace Projections.Tables;

/// <summary>An event type of a fold, whatever the type is.</summary>
internal interface IEventDefinition<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    Type EventType { get; }

    /// <summary>What is wrong with the declaration, in words that follow the event type's name.</summary>
    IEnumerable<string> Problems { get; }

    /// <summary>Whether each row that the events are for has the key of their stream, be it with its tenant.</summary>
    bool IsByStream { get; }

    /// <summary>Whether the stream's name alone is the key of a row.</summary>
    bool IsByNameAlone { get; }

    /// <summary>Whether the events make no rows and delete none, and are passed over where there is none.</summary>
    bool KeepsRows { get; }

    EventRoute<TKey, TRow> Route(EventTypes types, string name);
}

/// <summary>Which rows an event is for.</summary>
/// <typeparam name="TKey">What identifies a row.</typeparam>
/// <typeparam name="TRow">The row type.</typeparam>
/// <typeparam name="TEvent">The event's C# type.</typeparam>
public sealed class EventDefinition<TKey, TRow, TEvent> : IEventDefinition<TKey, TRow>
    where TKey : notnull
    where TRow : class, new()
{
    private readonly List<RowHandler<TKey, TRow, TEvent>> _handlers = [];
    private bool _streamIsNoKey;
    private bool _tenantIsNoKey;
    private bool _isByNameAlone;
    private bool _hasOtherKeys;

    internal EventDefinition()
    {
    }

    Type IEventDefinition<TKey, TRow>.EventType => typeof(TEvent);

    IEnumerable<string> IEventDefinition<TKey, TRow>.Problems
    {
        get
        {
            if (_handlers.Count == 0)
            {
                yield return "is declared, but nothing is done with it. Say what it does to its rows: Creates, Updates, Upserts or Deletes.";
            }

            if (_streamIsNoKey)
            {
                yield return $"takes its key from the stream, which gives a Guid or a string, but the fold's key is of type {TypeName.Of(typeof(TKey))}. Use By(e => ...).";
            }

            if (_tenantIsNoKey)
            {
                yield return $"takes its key from tenant and stream, but the fold's key is of type {TypeName.Of(typeof(TKey))}. Declare it as 'readonly record struct Key(string Tenant, Guid Stream)', or with a string for the stream.";
            }
        }
    }

    bool IEventDefinition<TKey, TRow>.IsByStream => !_hasOtherKeys;

    bool IEventDefinition<TKey, TRow>.IsByNameAlone => _isByNameAlone;

    bool IEventDefinition<TKey, TRow>.KeepsRows => _handlers.TrueForAll(handler => handler.KeepsRows);

    /// <summary>
    /// One row, whose key is the stream's name: its UUID, or its text. For stores in which a name is one stream; where each tenant has
    /// streams of its own (Marten's conjoined tenancy), <see cref="ByTenantAndStream"/>.
    /// </summary>
    public RowDefinition<TKey, TRow, TEvent> ByStream()
    {
        _isByNameAlone = true;
        if (typeof(TKey) == typeof(Guid))
        {
            return new((Func<Event<TEvent>, TKey>)(object)(Func<Event<TEvent>, Guid>)(e => e.Stream.Guid), _handlers);
        }

        if (typeof(TKey) == typeof(string))
        {
            return new((Func<Event<TEvent>, TKey>)(object)(Func<Event<TEvent>, string>)(e => e.Stream.Text), _handlers);
        }

        _streamIsNoKey = true;
        return By(_ => default!);
    }

    /// <summary>
    /// One row, whose key is the stream's tenant and name. The fold's key is a struct of the two, in this order:
    /// <c>readonly record struct Key(string Tenant, Guid Invoice)</c>, or with a string for the name.
    /// </summary>
    public RowDefinition<TKey, TRow, TEvent> ByTenantAndStream()
    {
        _tenantIsNoKey |= !TenantStreamKey<TKey>.IsOne;
        return new(
            e => TenantStreamKey<TKey>.Make(e.Tenant ?? throw new RowConflict("the event has no tenant; if its store knows none, use ByStream"), e.Stream),
            _handlers);
    }

    /// <summary>One row, whose key comes from the event: its data, time, tenant or metadata.</summary>
    public RowDefinition<TKey, TRow, TEvent> By(Func<Event<TEvent>, TKey> key)
    {
        _hasOtherKeys = true;
        return new(key, _handlers);
    }

    /// <summary>Several rows, one for each key; a key that comes up twice is handled twice.</summary>
    public EachRowDefinition<TKey, TRow, TEvent, TKey> ByEach(Func<Event<TEvent>, IEnumerable<TKey>> keys) => ByEach(keys, (_, key) => key);

    /// <summary>Several rows, one for each of the event's items, whose handlers see the item too.</summary>
    public EachRowDefinition<TKey, TRow, TEvent, TItem> ByEach<TItem>(Func<Event<TEvent>, IEnumerable<TItem>> items, Func<Event<TEvent>, TItem, TKey> key)
    {
        _hasOtherKeys = true;
        return new(items, key, _handlers);
    }

    EventRoute<TKey, TRow> IEventDefinition<TKey, TRow>.Route(EventTypes types, string name) =>
        new EventRoute<TKey, TRow, TEvent>(types.DecoderFor<TEvent>(name), [.. _handlers]);
}
