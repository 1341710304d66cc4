namespace Projections.PostgresEvents.Standbys;

/// <summary>A standby cannot be read just now; the message says which and why.</summary>
internal sealed class StandbyAway(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether it has only to replay more.</summary>
    public bool IsBehind { get; init; }
}
