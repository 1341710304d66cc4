namespace Projections.EventStoreDb.Errors;

/// <summary>What went wrong at the store, in the words of its own clients.</summary>
public abstract class EventStoreDbException(string message, Exception? innerException) : Exception(message, innerException)
{
    /// <summary>Whether the same call may succeed later, on this node or another.</summary>
    public abstract bool IsPassing { get; }
}
