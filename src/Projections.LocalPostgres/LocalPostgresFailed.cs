namespace Projections.LocalPostgres;

/// <summary>A private cluster could not be made, started or stopped; the message holds what PostgreSQL said.</summary>
public sealed class LocalPostgresFailed(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether somebody else listens at the server's port.</summary>
    internal bool PortWasTaken { get; init; }
}
