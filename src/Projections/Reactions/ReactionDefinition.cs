using Projections.Events;

namespace Projections.Reactions;

/// <summary>What follows from which events.</summary>
/// <typeparam name="TRow">The columns that the reaction needs.</typeparam>
public sealed class ReactionDefinition<TRow>
    where TRow : class
{
    private readonly Dictionary<Type, IReactionEventDefinition<TRow>> _events = [];

    internal ReactionDefinition()
    {
    }

    internal IReadOnlyCollection<IReactionEventDefinition<TRow>> Events => _events.Values;

    /// <summary>Says what follows from events of a type.</summary>
    public ReactionEventDefinition<TRow, TEvent> Event<TEvent>()
    {
        if (!_events.TryGetValue(typeof(TEvent), out var known))
        {
            known = new ReactionEventDefinition<TRow, TEvent>();
            _events.Add(typeof(TEvent), known);
        }

        return (ReactionEventDefinition<TRow, TEvent>)known;
    }
}

/// <summary>An event type of a reaction, whatever the type is.</summary>
internal interface IReactionEventDefinition<TRow>
    where TRow : class
{
    Type EventType { get; }

    bool SendsAny { get; }

    IEnumerable<Type> MessageTypes { get; }

    ReactionRoute<TRow> Route(EventTypes types, string name);
}

/// <summary>What follows from events of one type. It is asked once for each row that an event has made, changed or deleted, with the row as it was before the
/// event and as it is after it; <c>null</c> where there is none.</summary>
/// <typeparam name="TRow">The columns that the reaction needs.</typeparam>
/// <typeparam name="TEvent">The event's C# type.</typeparam>
public sealed class ReactionEventDefinition<TRow, TEvent> : IReactionEventDefinition<TRow>
    where TRow : class
{
    private readonly List<(Type Message, Func<Event<TEvent>, TRow?, TRow?, IEnumerable<object?>> Messages)> _sends = [];

    internal ReactionEventDefinition()
    {
    }

    Type IReactionEventDefinition<TRow>.EventType => typeof(TEvent);

    bool IReactionEventDefinition<TRow>.SendsAny => _sends.Count > 0;

    IEnumerable<Type> IReactionEventDefinition<TRow>.MessageTypes => _sends.Select(send => send.Message);

    /// <summary>One message, or none where it gives <c>null</c>.</summary>
    public ReactionEventDefinition<TRow, TEvent> Sends<TMessage>(Func<Event<TEvent>, TRow?, TRow?, TMessage?> message)
        where TMessage : class
    {
        ArgumentNullException.ThrowIfNull(message);
        return Add<TMessage>((e, before, after) => [message(e, before, after)]);
    }

    /// <summary>Any number of messages, in their order.</summary>
    public ReactionEventDefinition<TRow, TEvent> SendsEach<TMessage>(Func<Event<TEvent>, TRow?, TRow?, IEnumerable<TMessage>> messages)
        where TMessage : class
    {
        ArgumentNullException.ThrowIfNull(messages);
        return Add<TMessage>(messages);
    }

    ReactionRoute<TRow> IReactionEventDefinition<TRow>.Route(EventTypes types, string name) => new ReactionRoute<TRow, TEvent>(types.DecoderFor<TEvent>(name), [.. _sends]);

    private ReactionEventDefinition<TRow, TEvent> Add<TMessage>(Func<Event<TEvent>, TRow?, TRow?, IEnumerable<object?>> messages)
    {
        _sends.Add((typeof(TMessage), messages));
        return this;
    }
}

/// <summary>The way from an event of one name, and a row, to messages.</summary>
internal abstract class ReactionRoute<TRow>
    where TRow : class
{
    public abstract IEnumerable<(Type Type, object Body)> React(RecordedEvent[] batch, int index, TRow? before, TRow? after);
}

/// <inheritdoc/>
internal sealed class ReactionRoute<TRow, TEvent>(
    EventDecoder<TEvent> decoder, (Type Message, Func<Event<TEvent>, TRow?, TRow?, IEnumerable<object?>> Messages)[] sends) : ReactionRoute<TRow>
    where TRow : class
{
    public override IEnumerable<(Type Type, object Body)> React(RecordedEvent[] batch, int index, TRow? before, TRow? after)
    {
        var e = new Event<TEvent>(batch, index, decoder.Decode(batch[index]));
        foreach (var (type, messages) in sends)
        {
            foreach (var message in messages(e, before, after))
            {
                if (message is not null)
                {
                    yield return (type, message);
                }
            }
        }
    }
}
