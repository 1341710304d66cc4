using Projections.Postgres;

namespace Projections.Events;

/// <summary>The store could not be reached or broke off; the same call may succeed later.</summary>
public sealed class EventSourceUnavailable(string message, Exception? innerException = null) : Exception(message, innerException), IPassingFault
{
    /// <inheritdoc/>
    public bool WillPass => true;
}
