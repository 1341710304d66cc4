using Projections.Definitions;
using Projections.Events;

namespace Projections.Reactions;

/// <summary>A reaction that is on, as a fold of one version knows it.</summary>
/// <param name="Reaction">The reaction.</param>
/// <param name="Id">What tells it from those of other databases.</param>
/// <param name="Rows">The same over the version's rows.</param>
/// <param name="After">Up to where its events have had their messages, or have none: it was started there, or reads were switched there.</param>
/// <param name="Since">From where on it was started.</param>
internal sealed record ActiveReaction(Reaction Reaction, Guid Id, IRowReaction Rows, EventPosition After, EventPosition Since);

/// <summary>
/// The messages that follow from what one version's fold has folded and not committed yet. Every version that is folded beyond what the live one has
/// committed has its own; whose are sent is decided in the transaction that commits them.
/// </summary>
/// <param name="reactions">The reactions that are on.</param>
/// <param name="late">The only events that count, which came out of their turn; <c>null</c> for all that come in it.</param>
internal sealed class ReactionCapture(IReadOnlyList<ActiveReaction> reactions, IReadOnlySet<EventPosition>? late = null) : IRowWatch
{
    private readonly Lock _lock = new();
    private readonly List<CapturedMessage> _messages = [];
    private readonly List<FailedReaction> _failed = [];

    // How many rows the event has touched that was told of last, by the reaction.
    private readonly Dictionary<(string Reaction, EventPosition Position), int> _rows = [];

    /// <summary>Whether anything is on.</summary>
    public bool IsOn => reactions.Count > 0;

    public bool IsEmpty => _messages.Count == 0 && _failed.Count == 0;

    /// <summary>The same reactions, for events that are folded out of their turn.</summary>
    public ReactionCapture To(IReadOnlySet<EventPosition> late) => new(reactions, late);

    /// <summary>In the order of their events.</summary>
    public IReadOnlyList<CapturedMessage> Messages => InOrder(_messages, message => message.Position);

    /// <summary>What a reaction's own code could not do.</summary>
    public IReadOnlyList<FailedReaction> Failed => InOrder(_failed, failed => failed.Event.Position);

    public bool Wants(in RecordedEvent recorded)
    {
        foreach (var reaction in reactions)
        {
            if (Wants(reaction, recorded))
            {
                return true;
            }
        }

        return false;
    }

    public void Changed(RecordedEvent[] batch, int index, object key, object? before, object? after)
    {
        lock (_lock)
        {
            foreach (var reaction in reactions)
            {
                if (Wants(reaction, batch[index]))
                {
                    React(reaction, batch, index, before, after);
                }
            }
        }
    }

    /// <summary>They are committed, or will be captured anew.</summary>
    public void Clear()
    {
        _messages.Clear();
        _failed.Clear();
        _rows.Clear();
    }

    private bool Wants(ActiveReaction reaction, in RecordedEvent recorded) =>
        (late is null ? recorded.Position > reaction.After : recorded.Position > reaction.Since && late.Contains(recorded.Position))
        && reaction.Reaction.EventTypeNames.Contains(recorded.Type);

    private void React(ActiveReaction reaction, RecordedEvent[] batch, int index, object? before, object? after)
    {
        ref readonly var recorded = ref batch[index];
        var place = (reaction.Reaction.Name, recorded.Position);
        var row = _rows.GetValueOrDefault(place);
        _rows[place] = row + 1;
        try
        {
            var nth = 0;
            foreach (var message in reaction.Rows.React(batch, index, before, after))
            {
                _messages.Add(new CapturedMessage(reaction.Reaction, reaction.Id, recorded.Position, row, nth++, message));
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _failed.Add(FailedReaction.Of(reaction, recorded, row, before, after, error));
        }
    }

    // Partitions meet the events of a batch side by side.
    private static List<T> InOrder<T>(List<T> found, Func<T, EventPosition> position) => [.. found.OrderBy(position)];
}

/// <summary>A message that follows from an event and a row.</summary>
/// <param name="Reaction">Whose it is.</param>
/// <param name="ReactionId">What tells the reaction from those of other databases.</param>
/// <param name="Position">The event's position.</param>
/// <param name="Row">Which of the event's rows it follows from, from 0.</param>
/// <param name="Nth">Which of the messages that follow from that row it is, from 0.</param>
/// <param name="Message">The message.</param>
internal sealed record CapturedMessage(Reaction Reaction, Guid ReactionId, EventPosition Position, int Row, int Nth, ReactionMessage Message)
{
    /// <summary>The same whoever commits it, and however often.</summary>
    public Guid Id => MessageId.Of(ReactionId, Position, Row, Nth);
}

/// <summary>A reaction to an event and a row that failed: everything that is needed to look at it and to try it again.</summary>
/// <param name="Reaction">Whose it is.</param>
/// <param name="Event">The event, with what went wrong.</param>
/// <param name="Row">Which of the event's rows it was about, from 0.</param>
/// <param name="Before">The row before the event, as JSON.</param>
/// <param name="After">The row after it.</param>
internal sealed record FailedReaction(Reaction Reaction, SetAsideEvent Event, int Row, string? Before, string? After)
{
    public static FailedReaction Of(ActiveReaction reaction, in RecordedEvent recorded, int row, object? before, object? after, Exception error) => new(
        reaction.Reaction,
        SetAsideEvent.Of(recorded, PoisonStage.Fold, $"{error.GetType().Name}: {error.Message}"),
        row,
        reaction.Rows.Describe(before),
        reaction.Rows.Describe(after));
}
