using Projections.Events;

namespace Projections.Definitions;

/// <summary>
/// Wants to know what events do to the rows of a version while they are folded: each row as it was before an event and as it is after it, and not
/// as a batch found and left it. Whoever folds rows of several keys side by side tells it from several threads at once.
/// </summary>
internal interface IRowWatch
{
    /// <summary>Whether it wants to know of an event. Of those that it does not, nothing is kept.</summary>
    bool Wants(in RecordedEvent recorded);

    /// <summary>An event has made, changed or deleted a row. Must not throw: what comes of it is no matter of the fold.</summary>
    /// <param name="batch">Where the event is.</param>
    /// <param name="index">Which one it is.</param>
    /// <param name="key">The row's key.</param>
    /// <param name="before">The row as it was, which is a copy; <c>null</c> where there was none.</param>
    /// <param name="after">The row as it is, good only for the time of the call: the next event changes it in place; <c>null</c> where there is none.</param>
    void Changed(RecordedEvent[] batch, int index, object key, object? before, object? after);
}
