using Npgsql;
using Projections.Events;
using Projections.Postgres;

namespace Projections.Faults;

/// <summary>
/// Tells faults that a person has to mend, outside of any version, after which the work goes on by itself: a password that is being
/// changed, a right that was taken away, a database that is a standby since a failover, an event store that cannot be read.
/// </summary>
internal static class MendableFault
{
    public static bool Is(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.IsAboutLogin || postgres.IsAboutRights
            || postgres.SqlState is PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.ReadOnlySqlTransaction,
        _ => IsOfSource(exception),
    };

    /// <summary>Whether it lies with the event store, which all versions read.</summary>
    public static bool IsOfSource(Exception exception) => exception is EventSourceUnusable;
}
