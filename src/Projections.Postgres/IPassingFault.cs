namespace Projections.Postgres;

/// <summary>An exception, of something other than PostgreSQL or the network, that may pass by itself.</summary>
public interface IPassingFault
{
    /// <summary>Whether the same work may succeed later.</summary>
    bool WillPass { get; }
}
